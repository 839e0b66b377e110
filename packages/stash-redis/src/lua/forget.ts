import { defineScript } from "../redis-script.ts";

/**
 * Deletes a stash, unless the owner has saved it again since.
 *
 * KEYS[1]  the stash
 * ARGV[1]  length of the owner (2) and the owner
 * ARGV[2]  the turn (9)
 *
 * 1   gone, or saved again since: it was gone before that
 * 0   absent
 * -1  another owner's
 */
export const forgetScript = defineScript(`
local held = redis.call('GETRANGE', KEYS[1], 1, 9 + #ARGV[1])
if held == '' then return 0 end
if string.sub(held, 10) ~= ARGV[1] then return -1 end
if tonumber(string.sub(held, 1, 9), 36) <= tonumber(ARGV[2], 36) then
  redis.call('DEL', KEYS[1])
end
return 1
`);
