import type { StashId } from "../store/adapter.ts";
import { type HeldScope, scopeBytes } from "./scope.ts";
import { timingSafeEqual } from "node:crypto";
import { KEY_ID_BYTES, keysNamed, type PurposeKey, type PurposeKeys } from "../crypto/keys.ts";
import { SEAL_BYTES, sealerOf } from "../crypto/seal.ts";

/** What is in an envelope. */
export interface Reference {
  readonly id: StashId;
  /** What the adapter wants back with the id. */
  readonly carried: Uint8Array;
}

/** What was in an envelope. */
export interface OpenedEnvelope {
  readonly reference: Reference;
  /** It was made with the newest secret. */
  readonly isNewest: boolean;
}

/** Puts a reference into a text that only this application can write, for one scope. */
export interface Envelope {
  /** The longest text that `open` looks at. */
  readonly maxCharacters: number;
  /** Writes a text, in base64url, with the newest secret. Its end authenticates all of it. */
  close(scope: HeldScope, reference: Reference): string;
  /** Reads a text of which nothing is trusted; `undefined` if it was not written for this scope. */
  open(scope: HeldScope, text: string): OpenedEnvelope | undefined;
}

/** An id as it stands in an envelope. */
export const ID_BYTES = 16;

/**
 * Layout: format (1 byte) · key id (2) · id (16) · what the adapter carries · MAC (16). The MAC is
 * HMAC-SHA-256, cut to 128 bits, over the domain, the scope and the bytes before it.
 */
const ID_AT = 1 + KEY_ID_BYTES;
const CARRIED_AT = ID_AT + ID_BYTES;
const MAC_BYTES = 16;

interface SignedEnvelopeOptions {
  readonly keys: PurposeKeys;
  /** The first byte, which tells layouts and uses apart at a glance. */
  readonly format: number;
  /** What it is used for, as part of what is signed. */
  readonly domain: string;
  readonly maxCarriedBytes: number;
}

/** An envelope that everybody can read and nobody can change: the same text each time. */
export function createSignedEnvelope(options: SignedEnvelopeOptions): Envelope {
  const { keys, format, domain, maxCarriedBytes } = options;
  const maxBytes = CARRIED_AT + maxCarriedBytes + MAC_BYTES;

  const macOf = ({ mac }: PurposeKey, scope: HeldScope, signed: Uint8Array): Buffer =>
    mac(scopeBytes(domain, scope), signed).subarray(0, MAC_BYTES);

  return {
    maxCharacters: maxBase64urlCharacters(maxBytes),
    close(scope, { id, carried }: Reference) {
      const [newest] = keys;
      const idBytes = Buffer.from(id, "base64url");
      const signed = Buffer.concat([Buffer.of(format), newest.keyId, idBytes, carried]);
      return Buffer.concat([signed, macOf(newest, scope, signed)]).toString("base64url");
    },
    open(scope, text) {
      const bytes = decodeBase64url(text, maxBytes);
      if (bytes === undefined || bytes.length < CARRIED_AT + MAC_BYTES) return undefined;
      if (bytes[0] !== format) return undefined;
      const macAt = bytes.length - MAC_BYTES;
      const signed = bytes.subarray(0, macAt);
      const mac = bytes.subarray(macAt);
      const signer = keysNamed(keys, bytes.subarray(1, ID_AT)).find((key) =>
        timingSafeEqual(macOf(key, scope, signed), mac),
      );
      if (signer === undefined) return undefined;
      const id = bytes.toString("base64url", ID_AT, CARRIED_AT);
      const carried = new Uint8Array(bytes.subarray(CARRIED_AT, macAt));
      return { reference: { id, carried }, isNewest: signer === keys[0] };
    },
  };
}

/** Layout: format (1 byte) · id (16) · what the adapter carries, sealed for the scope and the id. */
const FORMAT = 2;
const DOMAIN = "live-stash/encrypted state";
const SEALED_AT = 1 + ID_BYTES;

interface EncryptedEnvelopeOptions {
  readonly keys: PurposeKeys;
  readonly maxCarriedBytes: number;
}

/** An envelope that nobody can read or change: another text each time. */
export function createEncryptedEnvelope(options: EncryptedEnvelopeOptions): Envelope {
  const { keys, maxCarriedBytes } = options;
  const maxBytes = SEALED_AT + maxCarriedBytes + SEAL_BYTES;
  const sealer = sealerOf(keys);

  return {
    maxCharacters: maxBase64urlCharacters(maxBytes),
    close(scope, { id, carried }) {
      const sealed = sealer.seal(carried, scopeBytes(DOMAIN, scope, id));
      const idBytes = Buffer.from(id, "base64url");
      return Buffer.concat([Buffer.of(FORMAT), idBytes, sealed]).toString("base64url");
    },
    open(scope, text) {
      const bytes = decodeBase64url(text, maxBytes);
      if (bytes === undefined || bytes[0] !== FORMAT) return undefined;
      const id = bytes.toString("base64url", 1, SEALED_AT);
      const sealed = bytes.subarray(SEALED_AT);
      const carried = sealer.open(sealed, scopeBytes(DOMAIN, scope, id));
      if (carried === undefined) return undefined;
      const isNewest = keys[0].keyId.equals(sealed.subarray(0, KEY_ID_BYTES));
      return { reference: { id, carried }, isNewest };
    },
  };
}

/** How long the text of that many bytes can be, without padding. */
function maxBase64urlCharacters(maxBytes: number): number {
  return Math.ceil((maxBytes * 4) / 3);
}

/**
 * The bytes of a text in base64url, or `undefined` if it is none or of more than `maxBytes`. Any
 * bytes have one spelling: no padding, no other alphabet, no bits after the last whole byte.
 */
export function decodeBase64url(text: string, maxBytes: number): Buffer | undefined {
  if (text.length > maxBase64urlCharacters(maxBytes)) return undefined;
  const bytes = Buffer.from(text, "base64url");
  return bytes.toString("base64url") === text ? bytes : undefined;
}
