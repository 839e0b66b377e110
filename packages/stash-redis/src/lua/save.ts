import { certain, defineScript, nodeTime } from "./script.ts";

/**
 * Saves stashes. A stash is written if it belongs to the owner or, if asked for, does not exist.
 *
 * KEYS[i]  the key of a stash
 * ARGV[1]  when the command was sent, in ms since the epoch
 * and for each key:
 *   owner         length of the owner (2 digits) and the owner
 *   write number  14 digits
 *   value         format (1), owner, write number, record
 *   deadline      in ms since the epoch
 *   create        "1" creates a stash that does not exist, "0" does not
 *
 * Replies for each key:
 *   1   saved, or the owner has already saved a later state, which is kept
 *   0   absent
 *  -1   the stash belongs to another owner
 *   an error of Redis, such as OOM
 */
export const saveScript = defineScript(
  64,
  `${nodeTime}${certain}
local replies = {}
for i = 1, #KEYS do
  local at = 5 * i - 3
  local owner = ARGV[at]
  local stored = redis.pcall('GETRANGE', KEYS[i], 1, #owner + 14)
  local reply = 1
  if type(stored) == 'table' then
    reply = stored
  elseif stored == '' and ARGV[at + 4] == '0' then
    reply = certain(0, KEYS[i])
  elseif stored ~= '' and string.sub(stored, 1, #owner) ~= owner then
    reply = certain(-1, KEYS[i])
  elseif stored <= owner .. ARGV[at + 1] then
    local ttl_ms = ARGV[at + 3] - now_ms
    if ttl_ms > 0 then
      local written = redis.pcall('SET', KEYS[i], ARGV[at + 2], 'PX', ttl_ms)
      if written.err then reply = written end
    else
      redis.call('DEL', KEYS[i])
    end
  end
  replies[i] = reply
end
return replies
`,
);
