import { defineScript } from "../redis-script.ts";

/**
 * Saves a stash, if it belongs to the owner or, where that is asked for, is not there yet.
 *
 * KEYS[1]  the stash
 * ARGV[1]  the value: format (1), owner (12), turn (9), record
 * ARGV[2]  time to live in ms; 0 if it is over already
 * ARGV[3]  "1" creates what is not there, "0" does not
 *
 * 1   saved, or the same owner has saved something later since: the value would be written over
 * 0   absent
 * -1  another owner's
 */
export const saveScript = defineScript(`
local held = redis.call('GETRANGE', KEYS[1], 0, 21)
if held == '' then
  if ARGV[3] == '0' then return 0 end
elseif string.sub(held, 2, 13) ~= string.sub(ARGV[1], 2, 13) then
  return -1
elseif tonumber(string.sub(held, 14), 36) > tonumber(string.sub(ARGV[1], 14, 22), 36) then
  return 1
end
if ARGV[2] == '0' then
  redis.call('DEL', KEYS[1])
else
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
end
return 1
`);
