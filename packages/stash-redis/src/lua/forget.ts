import { certain, defineScript } from "./script.ts";

/**
 * Deletes stashes. A stash is deleted if it belongs to the owner, and the owner has not saved it since.
 *
 * KEYS[i]  the key of a stash
 * ARGV[1]  when the command was sent, in ms since the epoch
 * and for each key:
 *   owner         length of the owner (2 digits) and the owner
 *   write number  14 digits
 *
 * Replies for each key:
 *   1   deleted, or the owner has saved it again later, which is kept
 *   0   absent
 *  -1   the stash belongs to another owner
 *   an error of Redis
 */
export const forgetScript = defineScript(
  64,
  `${certain}
local replies = {}
for i = 1, #KEYS do
  local owner = ARGV[2 * i]
  local stored = redis.pcall('GETRANGE', KEYS[i], 1, #owner + 14)
  local reply = 1
  if type(stored) == 'table' then
    reply = stored
  elseif stored == '' then
    reply = certain(0, KEYS[i])
  elseif string.sub(stored, 1, #owner) ~= owner then
    reply = certain(-1, KEYS[i])
  elseif stored <= owner .. ARGV[2 * i + 1] then
    redis.call('DEL', KEYS[i])
  end
  replies[i] = reply
end
return replies
`,
);
