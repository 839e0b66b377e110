/**
 * Lua that sets `now_ms`, the time of the node that sent the command: ARGV[1] is when it did, in ms
 * since the epoch, and the command was under way since.
 *
 * For how long is known if the clocks of the node and of Redis agree. If they seem to differ by more
 * than 1,000 ms they do not, and it is taken to have been no time: so no clock that is wrong makes
 * stashes vanish, or live on.
 *
 * Redis still shows a key in the very millisecond in which its time ends: hence the one more.
 */
export const nodeTime = `
local time = redis.call('TIME')
local late_ms = math.floor(time[1] * 1000 + time[2] / 1000 - ARGV[1])
if late_ms < 0 or late_ms > 1000 then late_ms = 0 end
local now_ms = ARGV[1] + late_ms + 1
`;
