import { certain, defineScript, nodeTime } from "./script.ts";

/**
 * Sets the deadlines of stashes that belong to the owner.
 *
 * KEYS[i]  the key of a stash
 * ARGV[1]  when the command was sent, in ms since the epoch
 * and for each key:
 *   owner     length of the owner (2 digits) and the owner
 *   deadline  in ms since the epoch
 *
 * Replies for each key:
 *   1   the deadline is set
 *   0   absent
 *  -1   the stash belongs to another owner
 *   an error of Redis
 */
export const keepAliveScript = defineScript(
  500,
  `${nodeTime}${certain}
local replies = {}
for i = 1, #KEYS do
  local owner = ARGV[2 * i]
  local stored = redis.pcall('GETRANGE', KEYS[i], 1, #owner)
  local reply = 1
  if type(stored) == 'table' then
    reply = stored
  elseif stored == '' then
    reply = certain(0, KEYS[i])
  elseif stored ~= owner then
    reply = certain(-1, KEYS[i])
  else
    redis.call('PEXPIRE', KEYS[i], ARGV[2 * i + 1] - now_ms)
  end
  replies[i] = reply
end
return replies
`,
);
