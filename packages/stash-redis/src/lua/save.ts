import { defineScript } from "../redis-script.ts";
import { lateness } from "./lateness.ts";

/**
 * Saves a stash, if it belongs to the owner or, where that is asked for, is not there yet.
 *
 * KEYS[1]  the stash
 * ARGV[1]  the value: format (1), turn (9), length of the owner (2), owner, record
 * ARGV[2]  time to live in ms
 * ARGV[3]  when the command was sent, in ms since the epoch
 * ARGV[4]  "1" creates what is not there, "0" does not
 *
 * 1   saved, or the same owner has saved something later since: the value would be written over
 * 0   absent
 * -1  another owner's
 */
export const saveScript = defineScript(`
local value = ARGV[1]
local header_bytes = 12 + string.sub(value, 11, 12)
local held = redis.call('GETRANGE', KEYS[1], 0, header_bytes - 1)
if held == '' then
  if ARGV[4] == '0' then return 0 end
elseif string.sub(held, 11) ~= string.sub(value, 11, header_bytes) then
  return -1
elseif tonumber(string.sub(held, 2, 10), 36) > tonumber(string.sub(value, 2, 10), 36) then
  return 1
end
local sent_at_ms = ARGV[3]
${lateness}
local ttl_ms = ARGV[2] - late_ms
if ttl_ms > 0 then
  redis.call('SET', KEYS[1], value, 'PX', ttl_ms)
else
  redis.call('DEL', KEYS[1])
end
return 1
`);
