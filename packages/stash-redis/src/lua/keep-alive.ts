import { defineScript } from "../redis-script.ts";
import { certain } from "./certain.ts";
import { nodeTime } from "./node-time.ts";

/**
 * Sets the deadlines of stashes.
 *
 * KEYS[i]  a stash
 * ARGV[1]  when the command was sent, in ms since the epoch
 * and for each key:
 *   owner     length of the owner (2) and the owner
 *   deadline  in ms since the epoch
 *
 * 1   set
 * 0   absent
 * -1  another owner's
 * an error reply of Redis
 */
export const keepAliveScript = defineScript(
  500,
  `${nodeTime}${certain}
local replies = {}
for i = 1, #KEYS do
  local owner = ARGV[2 * i]
  local held = redis.pcall('GETRANGE', KEYS[i], 1, #owner)
  local reply = 1
  if type(held) == 'table' then
    reply = held
  elseif held == '' then
    reply = certain(0, KEYS[i])
  elseif held ~= owner then
    reply = certain(-1, KEYS[i])
  else
    redis.call('PEXPIRE', KEYS[i], ARGV[2 * i + 1] - now_ms)
  end
  replies[i] = reply
end
return replies
`,
);
