import { createHash } from "node:crypto";

/** A Lua script that does one thing to each of many keys, and the name by which Redis caches it. */
export interface RedisScript {
  readonly source: string;
  /** SHA-1 of the source in hex. */
  readonly sha: string;
  /** The most keys that one run may have: Redis executes nothing else meanwhile. */
  readonly maxKeys: number;
}

/**
 * Defines a script. Its first argument is the time when the command was sent, in ms since the epoch;
 * a fixed number of arguments for each key follows. The script returns one reply for each key, in order.
 */
export function defineScript(maxKeys: number, lua: string): RedisScript {
  const source = lua.trim();
  return { source, sha: createHash("sha1").update(source).digest("hex"), maxKeys };
}

export type ScriptOutcome = "done" | "absent" | "not_owner";

/** The numbers that scripts reply. */
const OUTCOMES: ReadonlyMap<number, ScriptOutcome> = new Map([
  [1, "done"],
  [0, "absent"],
  [-1, "not_owner"],
]);

/** Reads a number that a script replied, which a client may deliver as text; `undefined` for all else. */
export function readOutcome(reply: unknown): ScriptOutcome | undefined {
  if (typeof reply === "number") return OUTCOMES.get(reply);
  const isText = typeof reply === "string" || typeof reply === "bigint" || Buffer.isBuffer(reply);
  const text = isText ? String(reply) : "";
  return /^-?\d+$/.test(text) ? OUTCOMES.get(Number(text)) : undefined;
}

/**
 * Lua that sets `now_ms`, the current time on the clock of the node that sent the command. ARGV[1] is
 * the time of sending; the command has been in transit since then.
 *
 * The time in transit is the difference between the clocks of Redis and the node, if they agree. A
 * difference above 1,000 ms shows that they do not, because calls time out after 800 ms by default. The
 * script then assumes 0, so that a wrong clock neither deletes stashes nor extends them.
 *
 * Redis still returns a key in the very millisecond in which it expires: hence the added 1.
 */
export const nodeTime = `
local time = redis.call('TIME')
local late_ms = math.floor(time[1] * 1000 + time[2] / 1000 - ARGV[1])
if late_ms < 0 or late_ms > 1000 then late_ms = 0 end
local now_ms = ARGV[1] + late_ms + 1
`;

/**
 * Lua that defines `certain(reply, key)`: returns "absent" (0) or "not the owner" (-1) only if this
 * server may write, and otherwise the error with which Redis refuses to write.
 *
 * A replica answers reads from data that may be old or missing, and nothing in the answer shows that. A
 * primary without its replicas (`min-replicas-to-write`) or with a failing disk may have been replaced.
 * So the script first tries a write that changes nothing. Lack of memory (`OOM`) is no reason for doubt.
 */
export const certain = `
local function certain(reply, key)
  local tried
  if reply == 0 then
    tried = redis.pcall('DEL', key)
  else
    tried = redis.pcall('SET', key, '', 'NX')
  end
  if type(tried) == 'table' and tried.err and not string.find(tried.err, 'OOM', 1, true) then
    return tried
  end
  return reply
end
`;
