import { createHash } from "node:crypto";

/** A Lua script that does one thing to each of many keys, and the name by which Redis knows it. */
export interface RedisScript {
  readonly source: string;
  /** SHA-1 of the source in hex. */
  readonly sha: string;
  /** How many keys one run takes at most: Redis answers nobody else meanwhile. */
  readonly maxKeys: number;
}

/**
 * A script that takes, as its arguments, the time at which it was sent in ms since the epoch, and
 * then for each key as many as it needs. It answers with one reply for each key, in order.
 */
export function defineScript(maxKeys: number, lua: string): RedisScript {
  const source = lua.trim();
  return { source, sha: createHash("sha1").update(source).digest("hex"), maxKeys };
}
