import { defineScript } from "../redis-script.ts";

/**
 * Sets the time to live of many stashes.
 *
 * KEYS[i]      a stash
 * ARGV[2i-1]   its owner (12)
 * ARGV[2i]     time to live in ms; 0 if it is over already
 *
 * for each: 1 set, 0 absent, -1 another owner's
 */
export const keepAliveScript = defineScript(`
local outcomes = {}
for i = 1, #KEYS do
  local held = redis.call('GETRANGE', KEYS[i], 1, 12)
  if held == '' then
    outcomes[i] = 0
  elseif held ~= ARGV[2 * i - 1] then
    outcomes[i] = -1
  else
    redis.call('PEXPIRE', KEYS[i], ARGV[2 * i])
    outcomes[i] = 1
  end
end
return outcomes
`);
