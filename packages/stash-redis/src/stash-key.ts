import { hash } from "node:crypto";
import type { StashId } from "live-stash/adapter";

const CHARACTERS = 22;

/**
 * The name of a stash in Redis, without prefix: 132 bits of SHA-256 of its id. Who reads the names
 * in a store does not learn the ids that browsers' strings carry.
 */
export function stashName(id: StashId): string {
  return hash("sha256", id, "base64url").slice(0, CHARACTERS);
}
