import { createSecretKey, type KeyObject } from "node:crypto";
import { decrypt, encrypt, NONCE_BYTES, TAG_BYTES } from "../../crypto/seal.ts";
import { randomBytes } from "../../crypto/keys.ts";

/** The key of one connection, which the answering node makes up and tells the asker with its hello. */
export type SessionKey = KeyObject;

export const SESSION_KEY_BYTES = 32;
/** What sealing adds. */
export const SESSION_SEAL_BYTES = TAG_BYTES;
/** The highest number that a message may have. */
export const MAX_MESSAGE_NUMBER = 0xffff_ffff;

/** From whom to whom. A number is used once in each direction, so no nonce ever comes again. */
export type Direction = "request" | "answer";

const FIRST_BYTE: Readonly<Record<Direction, number>> = { request: 1, answer: 2 };

export const newSessionKey = (): SessionKey => sessionKeyOf(randomBytes(SESSION_KEY_BYTES));

export const sessionKeyOf = (bytes: Uint8Array): SessionKey => createSecretKey(bytes);

/**
 * Encrypts with AES-256-GCM: ciphertext, tag (16 bytes). The nonce is the direction and the number, so
 * what is sealed is bound to its place in the connection.
 */
export function sealInSession(
  key: SessionKey,
  direction: Direction,
  number: number,
  bytes: Uint8Array,
): readonly [ciphertext: Buffer, tag: Buffer] {
  return encrypt(key, nonceOf(direction, number), undefined, bytes);
}

/** `undefined`: it was not sealed so. */
export function openInSession(
  key: SessionKey,
  direction: Direction,
  number: number,
  sealed: Uint8Array,
): Buffer | undefined {
  return decrypt(key, nonceOf(direction, number), undefined, sealed);
}

function nonceOf(direction: Direction, number: number): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES);
  nonce[0] = FIRST_BYTE[direction];
  nonce.writeUInt32BE(number, 8);
  return nonce;
}
