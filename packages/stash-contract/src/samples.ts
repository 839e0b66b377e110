import { randomBytes } from "node:crypto";
import type { StashId } from "live-stash/adapter";

/** An id as the core mints it. */
export function newId(): StashId {
  return randomBytes(16).toString("base64url");
}

/** A record whose bytes tell it from others; no adapter knows its format. */
export function sampleRecord(byteLength: number, seed = 1): Uint8Array {
  const record = new Uint8Array(byteLength);
  // Every value, and no two neighbouring seeds alike at any place.
  for (let at = 0; at < byteLength; at += 1) record[at] = at * 7 + seed;
  return record;
}

export const SAMPLE = sampleRecord(300);
export const OTHER = sampleRecord(500, 2);
