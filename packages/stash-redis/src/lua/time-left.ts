/**
 * A Lua function that gives the time that is left of a time to live when a command arrives.
 *
 * A command may be under way for a while, and that must not make a stash live longer. How long it
 * was is known if the clocks of the node and of Redis agree. If they seem to differ by more than
 * 1,000 ms they do not agree, and it is taken to have been no time.
 *
 * Redis still shows a key in the very millisecond in which its time ends, so it gets one less.
 */
export const timeLeft = `
local function time_left(ttl_ms, sent_at_ms)
  local time = redis.call('TIME')
  local late_ms = time[1] * 1000 + math.floor(time[2] / 1000) - sent_at_ms
  if late_ms < 0 or late_ms > 1000 then late_ms = 0 end
  return ttl_ms - late_ms - 1
end
`;
