import { defineScript } from "../redis-script.ts";
import { lateness } from "./lateness.ts";

/**
 * Sets the time to live of many stashes.
 *
 * KEYS[i]      a stash
 * ARGV[1]      when the command was sent, in ms since the epoch
 * ARGV[2i]     length of its owner (2) and the owner
 * ARGV[2i+1]   time to live in ms
 *
 * for each: 1 set, 0 absent, -1 another owner's
 */
export const keepAliveScript = defineScript(`
local sent_at_ms = ARGV[1]
${lateness}
local outcomes = {}
for i = 1, #KEYS do
  local held = redis.call('GETRANGE', KEYS[i], 10, 9 + #ARGV[2 * i])
  if held == '' then
    outcomes[i] = 0
  elseif held ~= ARGV[2 * i] then
    outcomes[i] = -1
  else
    redis.call('PEXPIRE', KEYS[i], ARGV[2 * i + 1] - late_ms)
    outcomes[i] = 1
  end
end
return outcomes
`);
