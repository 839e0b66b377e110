import { timingSafeEqual } from "node:crypto";
import type { PurposeKey, PurposeKeys } from "../crypto/keys.ts";
import { decodeBase64url } from "./envelope.ts";
import { scopeBytes, type TokenScope } from "./scope.ts";

/**
 * Layout: expiry in ms since the epoch (6 bytes) · MAC (12), as base64url. The MAC is HMAC-SHA-256, cut
 * to 96 bits, over the scope, the token's id and the expiry.
 *
 * The MAC is this short because the server sends a new expiry to every connected page at each
 * keep-alive: with its frame, a renewal takes at most 120 bytes.
 */
const EXPIRY_BYTES = 6;
const MAC_BYTES = 12;
// The word `lease` stays: another purpose would invalidate the tokens that browsers hold.
const PURPOSE = "live-stash/lease";
const LATEST_EXPIRY_MS = 2 ** (8 * EXPIRY_BYTES) - 1;

/** The length of a signed expiry. */
export const EXPIRY_CHARACTERS = 24;

/**
 * The largest difference between the clocks of two servers. A token that expires more than this after
 * the latest expiry that this server would write counts as expired.
 */
export const MAX_CLOCK_SKEW_MS = 30_000;

/** Signs the expiry of a state token with the newest secret. */
export function signExpiry(
  keys: PurposeKeys,
  scope: TokenScope,
  tokenId: string,
  expiresAtMs: number,
): string {
  const expiry = Buffer.alloc(EXPIRY_BYTES);
  expiry.writeUIntBE(Math.min(Math.max(0, expiresAtMs), LATEST_EXPIRY_MS), 0, EXPIRY_BYTES);
  return Buffer.concat([expiry, macOf(keys[0], scope, tokenId, expiry)]).toString("base64url");
}

/**
 * Reads the expiry of a state token, in ms since the epoch; returns `undefined` unless it was signed
 * for this token.
 */
export function readExpiry(
  keys: PurposeKeys,
  scope: TokenScope,
  tokenId: string,
  signed: string,
): number | undefined {
  const bytes = decodeBase64url(signed, EXPIRY_BYTES + MAC_BYTES);
  if (bytes?.length !== EXPIRY_BYTES + MAC_BYTES) return undefined;
  const expiry = bytes.subarray(0, EXPIRY_BYTES);
  const mac = bytes.subarray(EXPIRY_BYTES);
  const isGenuine = keys.some((key) => timingSafeEqual(macOf(key, scope, tokenId, expiry), mac));
  return isGenuine ? expiry.readUIntBE(0, EXPIRY_BYTES) : undefined;
}

/**
 * Judges an expiry by this server's clock. `ahead`: it is later than any that this server could write for
 * a token that is valid for at most `maxLifetimeMs`, even if the writer's clock was ahead.
 */
export function statusOfExpiry(
  expiresAtMs: number,
  nowMs: number,
  maxLifetimeMs: number,
): "valid" | "expired" | "ahead" {
  if (expiresAtMs <= nowMs) return "expired";
  return expiresAtMs > nowMs + maxLifetimeMs + MAX_CLOCK_SKEW_MS ? "ahead" : "valid";
}

function macOf({ mac }: PurposeKey, scope: TokenScope, tokenId: string, expiry: Buffer): Buffer {
  return mac(scopeBytes(PURPOSE, scope, tokenId), expiry).subarray(0, MAC_BYTES);
}
