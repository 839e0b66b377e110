import { createHash } from "node:crypto";

/** A Lua script, and the name under which Redis remembers it. */
export interface RedisScript {
  readonly source: string;
  /** SHA-1 of the source in hex. */
  readonly sha: string;
}

export function defineScript(lua: string): RedisScript {
  const source = lua.trim();
  return { source, sha: createHash("sha1").update(source).digest("hex") };
}
