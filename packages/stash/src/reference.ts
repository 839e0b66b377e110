import { createHmac, timingSafeEqual } from "node:crypto";
import type { StashId } from "./adapter.ts";
import { KEY_ID_BYTES, keysNamed, type PurposeKey, type PurposeKeys } from "./keys.ts";
import { lengthPrefixed } from "./length-prefixed.ts";

/** What a reference is valid for; anything else makes it invalid. */
export interface ReferenceScope {
  readonly adapter: string;
  readonly view: string;
  /** What binds it to the browser's session (see `sessionBinding`). */
  readonly binding: string;
}

/** What a valid reference says. */
export interface Reference {
  readonly id: StashId;
  /** What the adapter wants back with the id. */
  readonly carried: Uint8Array;
}

/**
 * Layout: format (1 byte) · key id (2) · id (16) · what the adapter carries · MAC (16), all of it
 * as base64url. The MAC is HMAC-SHA-256, cut to 128 bits, over the scope and the bytes before it.
 */
const FORMAT = 1;
const ID_AT = 1 + KEY_ID_BYTES;
const CARRIED_AT = 19;
const MAC_BYTES = 16;
const DOMAIN = "live-stash/reference";
const BASE64URL = /^[A-Za-z0-9_-]+$/;

/** Writes the string that the browser holds, signed with the newest key. */
export function mintReference(
  keys: PurposeKeys,
  scope: ReferenceScope,
  { id, carried }: Reference,
): string {
  const [newest] = keys;
  const signed = Buffer.concat([
    Buffer.of(FORMAT),
    newest.keyId,
    Buffer.from(id, "base64url"),
    carried,
  ]);
  return Buffer.concat([signed, macOf(newest, scope, signed)]).toString("base64url");
}

/**
 * Reads a string that a browser presented, of which nothing is trusted: `undefined` if it was not
 * minted for this scope with one of the keys, or carries more than `maxCarriedBytes`.
 */
export function verifyReference(
  keys: PurposeKeys,
  scope: ReferenceScope,
  presented: unknown,
  maxCarriedBytes: number,
): Reference | undefined {
  const maxCharacters = Math.ceil(((CARRIED_AT + maxCarriedBytes + MAC_BYTES) * 4) / 3);
  if (typeof presented !== "string" || presented.length > maxCharacters) return undefined;
  if (!BASE64URL.test(presented)) return undefined;
  const bytes = Buffer.from(presented, "base64url");
  if (bytes.length < CARRIED_AT + MAC_BYTES || bytes[0] !== FORMAT) return undefined;
  // Bits after the last whole byte would give one reference several spellings.
  if (bytes.toString("base64url") !== presented) return undefined;
  const macAt = bytes.length - MAC_BYTES;
  const signed = bytes.subarray(0, macAt);
  const keyId = bytes.subarray(1, ID_AT);
  const isValid = keysNamed(keys, keyId).some((key) =>
    timingSafeEqual(macOf(key, scope, signed), bytes.subarray(macAt)),
  );
  if (!isValid) return undefined;
  return {
    id: bytes.toString("base64url", ID_AT, CARRIED_AT),
    carried: new Uint8Array(bytes.subarray(CARRIED_AT, macAt)),
  };
}

function macOf({ key }: PurposeKey, scope: ReferenceScope, signed: Uint8Array): Buffer {
  const boundTo = lengthPrefixed([DOMAIN, scope.adapter, scope.view, scope.binding]);
  const mac = createHmac("sha256", key).update(boundTo).update(signed).digest();
  return mac.subarray(0, MAC_BYTES);
}
