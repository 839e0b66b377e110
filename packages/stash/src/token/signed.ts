import { timingSafeEqual } from "node:crypto";
import { KEY_ID_BYTES, keysNamed, type PurposeKey, type PurposeKeys } from "../crypto/keys.ts";
import { decodeBase64url, maxBase64urlCharacters } from "../crypto/base64url.ts";
import { type Envelope, ID_BYTES, type Reference } from "./envelope.ts";
import { type HeldScope, scopeBytes } from "./scope.ts";

/**
 * Layout: format (1 byte) · key id (2) · id (16) · what the adapter carries · MAC (16). The MAC is
 * HMAC-SHA-256, cut to 128 bits, over the domain, the scope and the bytes before it.
 */
const ID_AT = 1 + KEY_ID_BYTES;
const CARRIED_AT = ID_AT + ID_BYTES;
const MAC_BYTES = 16;

export interface SignedEnvelopeOptions {
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
