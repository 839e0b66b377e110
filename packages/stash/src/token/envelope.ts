import { timingSafeEqual } from "node:crypto";
import { KEY_ID_BYTES, keysNamed, type PurposeKey, type PurposeKeys } from "../crypto/keys.ts";
import { SEAL_BYTES, sealerOf } from "../crypto/seal.ts";
import type { StashId } from "../store/adapter.ts";
import { scopeBytes, type TokenScope } from "./scope.ts";

/** The contents of a token. */
export interface TokenContents {
  readonly id: StashId;
  /** The bytes that the adapter receives back together with the id. */
  readonly adapterData: Uint8Array;
}

/** The contents of an envelope, once it is opened. */
export interface OpenedEnvelope {
  readonly contents: TokenContents;
  /** The envelope was written with the newest secret. */
  readonly usesNewestSecret: boolean;
}

/** Writes contents as a text that only this application can write, and only for one scope. */
export interface Envelope {
  /** The length of the longest text that `open` accepts. */
  readonly maxCharacters: number;
  /** Writes a text, as base64url, with the newest secret. The end of the text authenticates all of it. */
  close(scope: TokenScope, contents: TokenContents): string;
  /** Reads an untrusted text; returns `undefined` unless it was written for this scope. */
  open(scope: TokenScope, text: string): OpenedEnvelope | undefined;
}

/** The length of a stash id as bytes. */
const ID_BYTES = 16;

/**
 * Layout of a signed envelope: format (1 byte) · key id (2) · id (16) · adapter's bytes · MAC (16). The
 * MAC is HMAC-SHA-256, cut to 128 bits, over the purpose, the scope and the bytes before the MAC.
 */
const SIGNED_ID_AT = 1 + KEY_ID_BYTES;
const SIGNED_DATA_AT = SIGNED_ID_AT + ID_BYTES;
const MAC_BYTES = 16;

export interface SignedEnvelopeOptions {
  readonly keys: PurposeKeys;
  /** The first byte, which differs between the kinds of tokens. */
  readonly format: number;
  /** The kind of tokens, as a part of what is signed. */
  readonly purpose: string;
  /** The most bytes that an adapter may put into an envelope. */
  readonly maxDataBytes: number;
}

/** Creates envelopes that anybody can read and nobody can change. Same contents, same text. */
export function createSignedEnvelope(options: SignedEnvelopeOptions): Envelope {
  const { keys, format, purpose, maxDataBytes } = options;
  const maxBytes = SIGNED_DATA_AT + maxDataBytes + MAC_BYTES;

  const macOf = ({ mac }: PurposeKey, scope: TokenScope, signed: Uint8Array): Buffer =>
    mac(scopeBytes(purpose, scope), signed).subarray(0, MAC_BYTES);

  return {
    maxCharacters: maxBase64urlCharacters(maxBytes),
    close(scope, { id, adapterData }) {
      const [newest] = keys;
      const idBytes = Buffer.from(id, "base64url");
      const signed = Buffer.concat([Buffer.of(format), newest.keyId, idBytes, adapterData]);
      return Buffer.concat([signed, macOf(newest, scope, signed)]).toString("base64url");
    },
    open(scope, text) {
      const bytes = decodeBase64url(text, maxBytes);
      if (bytes === undefined || bytes.length < SIGNED_DATA_AT + MAC_BYTES) return undefined;
      if (bytes[0] !== format) return undefined;
      const macAt = bytes.length - MAC_BYTES;
      const signed = bytes.subarray(0, macAt);
      const mac = bytes.subarray(macAt);
      const signer = keysNamed(keys, bytes.subarray(1, SIGNED_ID_AT)).find((key) =>
        timingSafeEqual(macOf(key, scope, signed), mac),
      );
      if (signer === undefined) return undefined;
      const id = bytes.toString("base64url", SIGNED_ID_AT, SIGNED_DATA_AT);
      const adapterData = new Uint8Array(bytes.subarray(SIGNED_DATA_AT, macAt));
      return { contents: { id, adapterData }, usesNewestSecret: signer === keys[0] };
    },
  };
}

/** Layout of an encrypted envelope: format (1 byte) · id (16) · adapter's bytes, sealed for scope and id. */
const ENCRYPTED_FORMAT = 2;
const ENCRYPTED_PURPOSE = "live-stash/encrypted state";
const SEALED_AT = 1 + ID_BYTES;

export interface EncryptedEnvelopeOptions {
  readonly keys: PurposeKeys;
  /** The most bytes that an adapter may put into an envelope. */
  readonly maxDataBytes: number;
}

/** Creates envelopes that nobody else can read or change. Same contents, another text each time. */
export function createEncryptedEnvelope(options: EncryptedEnvelopeOptions): Envelope {
  const { keys, maxDataBytes } = options;
  const maxBytes = SEALED_AT + maxDataBytes + SEAL_BYTES;
  const sealer = sealerOf(keys);

  return {
    maxCharacters: maxBase64urlCharacters(maxBytes),
    close(scope, { id, adapterData }) {
      const sealed = sealer.seal(adapterData, scopeBytes(ENCRYPTED_PURPOSE, scope, id));
      const idBytes = Buffer.from(id, "base64url");
      return Buffer.concat([Buffer.of(ENCRYPTED_FORMAT), idBytes, sealed]).toString("base64url");
    },
    open(scope, text) {
      const bytes = decodeBase64url(text, maxBytes);
      if (bytes === undefined || bytes[0] !== ENCRYPTED_FORMAT) return undefined;
      const id = bytes.toString("base64url", 1, SEALED_AT);
      const sealed = bytes.subarray(SEALED_AT);
      const adapterData = sealer.open(sealed, scopeBytes(ENCRYPTED_PURPOSE, scope, id));
      if (adapterData === undefined) return undefined;
      const usesNewestSecret = keys[0].keyId.equals(sealed.subarray(0, KEY_ID_BYTES));
      return { contents: { id, adapterData }, usesNewestSecret };
    },
  };
}

/** Returns the length of `maxBytes` bytes as base64url without padding. */
function maxBase64urlCharacters(maxBytes: number): number {
  return Math.ceil((maxBytes * 4) / 3);
}

/**
 * Decodes base64url; returns `undefined` for any other text and for more than `maxBytes`. Each sequence
 * of bytes has exactly one spelling: without padding, and without bits after the last whole byte.
 */
export function decodeBase64url(text: string, maxBytes: number): Buffer | undefined {
  if (text.length > maxBase64urlCharacters(maxBytes)) return undefined;
  const bytes = Buffer.from(text, "base64url");
  return bytes.toString("base64url") === text ? bytes : undefined;
}
