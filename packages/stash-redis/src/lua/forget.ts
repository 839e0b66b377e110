import { defineScript } from "../redis-script.ts";
import { certain } from "./certain.ts";

/**
 * Deletes stashes: each if it belongs to its owner, who has not saved it again since.
 *
 * KEYS[i]  a stash
 * ARGV[1]  when the command was sent, in ms since the epoch
 * and for each key:
 *   owner  length of the owner (2) and the owner
 *   turn   14 digits
 *
 * 1   gone, or saved again since: it was gone before that
 * 0   absent
 * -1  another owner's
 * an error reply of Redis
 */
export const forgetScript = defineScript(
  64,
  `${certain}
local replies = {}
for i = 1, #KEYS do
  local owner = ARGV[2 * i]
  local held = redis.pcall('GETRANGE', KEYS[i], 1, #owner + 14)
  local reply = 1
  if type(held) == 'table' then
    reply = held
  elseif held == '' then
    reply = certain(0, KEYS[i])
  elseif string.sub(held, 1, #owner) ~= owner then
    reply = certain(-1, KEYS[i])
  elseif held <= owner .. ARGV[2 * i + 1] then
    redis.call('DEL', KEYS[i])
  end
  replies[i] = reply
end
return replies
`,
);
