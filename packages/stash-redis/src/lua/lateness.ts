/**
 * Lua that finds how long a command was under way, for a script that has set `sent_at_ms`.
 *
 * That must not make a stash live longer. It is known if the clocks of the node and of Redis agree.
 * If they seem to differ by more than 1,000 ms they do not, and it is taken to have been no time.
 *
 * Redis still shows a key in the very millisecond in which its time ends: hence the one more.
 */
export const lateness = `
local time = redis.call('TIME')
local late_ms = math.floor(time[1] * 1000 + time[2] / 1000 - sent_at_ms)
if late_ms < 0 or late_ms > 1000 then late_ms = 0 end
late_ms = late_ms + 1
`;
