import { timingSafeEqual } from "node:crypto";
import type { PurposeKey, PurposeKeys } from "../crypto/keys.ts";
import { decodeBase64url } from "./envelope.ts";
import { type HeldScope, scopeBytes } from "./scope.ts";

/**
 * Layout: deadline in ms since the epoch (6 bytes) · MAC (12), as base64url. The MAC is
 * HMAC-SHA-256, cut to 96 bits, over the scope, the mark of the sealed state and the deadline.
 *
 * So short because it crosses the wire for every connected page again and again: with all that
 * frames it, a renewal takes at most 120 bytes.
 */
const DEADLINE_BYTES = 6;
const MAC_BYTES = 12;
const DOMAIN = "live-stash/lease";
const LATEST_DEADLINE_MS = 2 ** (8 * DEADLINE_BYTES) - 1;

/** How long the text of a lease is. */
export const LEASE_CHARACTERS = 24;

/** Writes until when the sealed state with this mark is good, with the newest secret. */
export function signLease(
  keys: PurposeKeys,
  scope: HeldScope,
  mark: string,
  expiresAtMs: number,
): string {
  const lease = Buffer.alloc(DEADLINE_BYTES);
  lease.writeUIntBE(Math.min(Math.max(0, expiresAtMs), LATEST_DEADLINE_MS), 0, DEADLINE_BYTES);
  return Buffer.concat([lease, macOf(keys[0], scope, mark, lease)]).toString("base64url");
}

/**
 * Until when, in ms since the epoch, the sealed state with this mark is good; `undefined` if the
 * lease was not written for it.
 */
export function readLease(
  keys: PurposeKeys,
  scope: HeldScope,
  mark: string,
  lease: string,
): number | undefined {
  const bytes = decodeBase64url(lease, DEADLINE_BYTES + MAC_BYTES);
  if (bytes?.length !== DEADLINE_BYTES + MAC_BYTES) return undefined;
  const deadline = bytes.subarray(0, DEADLINE_BYTES);
  const mac = bytes.subarray(DEADLINE_BYTES);
  const isGenuine = keys.some((key) => timingSafeEqual(macOf(key, scope, mark, deadline), mac));
  return isGenuine ? deadline.readUIntBE(0, DEADLINE_BYTES) : undefined;
}

function macOf({ mac }: PurposeKey, scope: HeldScope, mark: string, deadline: Buffer): Buffer {
  return mac(scopeBytes(DOMAIN, scope, mark), deadline).subarray(0, MAC_BYTES);
}
