import { defineScript } from "../redis-script.ts";
import { lateness } from "./lateness.ts";

/**
 * Gives a stash to a new owner.
 *
 * KEYS[1]  the stash
 * ARGV[1]  turn (9), length of the new owner (2) and the new owner
 * ARGV[2]  time to live in ms
 * ARGV[3]  when the command was sent, in ms since the epoch
 *
 * the value as it was, with its earlier owner
 * nil  absent
 */
export const loadScript = defineScript(`
local value = redis.call('GET', KEYS[1])
if not value then return false end
local sent_at_ms = ARGV[3]
${lateness}
local ttl_ms = ARGV[2] - late_ms
if ttl_ms > 0 then
  local record_at = 13 + string.sub(value, 11, 12)
  local mine = string.sub(value, 1, 1) .. ARGV[1] .. string.sub(value, record_at)
  redis.call('SET', KEYS[1], mine, 'PX', ttl_ms)
else
  redis.call('DEL', KEYS[1])
end
return value
`);
