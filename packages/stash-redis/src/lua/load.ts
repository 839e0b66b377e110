import { defineScript } from "../redis-script.ts";
import { timeLeft } from "./time-left.ts";

/**
 * Gives a stash to a new owner.
 *
 * KEYS[1]  the stash
 * ARGV[1]  the new owner (12) and turn (9)
 * ARGV[2]  time to live in ms
 * ARGV[3]  when the command was sent, in ms since the epoch
 *
 * the value as it was, with its earlier owner
 * nil  absent
 */
export const loadScript = defineScript(`${timeLeft}
local value = redis.call('GET', KEYS[1])
if not value then return false end
redis.call('SETRANGE', KEYS[1], 1, ARGV[1])
redis.call('PEXPIRE', KEYS[1], time_left(ARGV[2], ARGV[3]))
return value
`);
