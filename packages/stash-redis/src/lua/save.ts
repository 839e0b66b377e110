import { defineScript } from "../redis-script.ts";
import { certain } from "./certain.ts";
import { nodeTime } from "./node-time.ts";

/**
 * Saves stashes: each if it belongs to its owner or, where that is asked for, is not there yet.
 *
 * KEYS[i]  a stash
 * ARGV[1]  when the command was sent, in ms since the epoch
 * and for each key:
 *   owner     length of the owner (2) and the owner
 *   turn      14 digits
 *   value     format (1), owner, turn, record
 *   deadline  in ms since the epoch
 *   create    "1" creates what is not there, "0" does not
 *
 * 1   saved, or the same owner has saved something later since: the value would be written over
 * 0   absent
 * -1  another owner's
 * an error reply of Redis, such as OOM
 */
export const saveScript = defineScript(
  64,
  `${nodeTime}${certain}
local replies = {}
for i = 1, #KEYS do
  local at = 5 * i - 3
  local owner = ARGV[at]
  local held = redis.pcall('GETRANGE', KEYS[i], 1, #owner + 14)
  local reply = 1
  if type(held) == 'table' then
    reply = held
  elseif held == '' and ARGV[at + 4] == '0' then
    reply = certain(0, KEYS[i])
  elseif held ~= '' and string.sub(held, 1, #owner) ~= owner then
    reply = certain(-1, KEYS[i])
  elseif held <= owner .. ARGV[at + 1] then
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
