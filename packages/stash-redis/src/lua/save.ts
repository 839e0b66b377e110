import { defineScript } from "../redis-script.ts";
import { timeLeft } from "./time-left.ts";

/**
 * Saves a stash, if it belongs to the owner or, where that is asked for, is not there yet.
 *
 * KEYS[1]  the stash
 * ARGV[1]  the value: format (1), owner (12), turn (9), record
 * ARGV[2]  time to live in ms
 * ARGV[3]  when the command was sent, in ms since the epoch
 * ARGV[4]  "1" creates what is not there, "0" does not
 *
 * 1   saved, or the same owner has saved something later since: the value would be written over
 * 0   absent
 * -1  another owner's
 */
export const saveScript = defineScript(`${timeLeft}
local held = redis.call('GETRANGE', KEYS[1], 0, 21)
if held == '' then
  if ARGV[4] == '0' then return 0 end
elseif string.sub(held, 2, 13) ~= string.sub(ARGV[1], 2, 13) then
  return -1
elseif tonumber(string.sub(held, 14), 36) > tonumber(string.sub(ARGV[1], 14, 22), 36) then
  return 1
end
local ttl_ms = time_left(ARGV[2], ARGV[3])
if ttl_ms > 0 then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ttl_ms)
else
  redis.call('DEL', KEYS[1])
end
return 1
`);
