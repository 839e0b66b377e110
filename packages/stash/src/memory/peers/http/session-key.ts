import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from "node:crypto";
import { randomBytes } from "../../../random-bytes.ts";

/** The key of one session, which the answering node makes up and tells the asker with its hello. */
export type SessionKey = KeyObject;

export const SESSION_KEY_BYTES = 32;
/** What sealing adds. */
export const SESSION_SEAL_BYTES = 16;

/** From whom to whom. A number is used once in each direction, so no nonce ever comes again. */
export type Direction = "request" | "answer";

const ALGORITHM = "aes-256-gcm";
const FIRST_BYTE: Readonly<Record<Direction, number>> = { request: 1, answer: 2 };

export const newSessionKey = (): SessionKey => sessionKeyOf(randomBytes(SESSION_KEY_BYTES));

export const sessionKeyOf = (bytes: Uint8Array): SessionKey => createSecretKey(bytes);

/** Encrypts with AES-256-GCM: ciphertext · tag (16 bytes). */
export function sealInSession(
  key: SessionKey,
  direction: Direction,
  number: number,
  boundTo: Uint8Array,
  bytes: Uint8Array,
): Buffer {
  const cipher = createCipheriv(ALGORITHM, key, nonceOf(direction, number));
  cipher.setAAD(boundTo);
  // What `final` gives is empty: the cipher works like a stream.
  const ciphertext = cipher.update(bytes);
  cipher.final();
  return Buffer.concat([ciphertext, cipher.getAuthTag()]);
}

/** `undefined`: it was not sealed so. */
export function openInSession(
  key: SessionKey,
  direction: Direction,
  number: number,
  boundTo: Uint8Array,
  sealed: Uint8Array,
): Buffer | undefined {
  if (sealed.length < SESSION_SEAL_BYTES) return undefined;
  const decipher = createDecipheriv(ALGORITHM, key, nonceOf(direction, number), {
    authTagLength: SESSION_SEAL_BYTES,
  });
  decipher.setAAD(boundTo);
  decipher.setAuthTag(sealed.subarray(-SESSION_SEAL_BYTES));
  const bytes = decipher.update(sealed.subarray(0, -SESSION_SEAL_BYTES));
  try {
    decipher.final();
    return bytes;
  } catch {
    // That is how Node says that the tag does not fit.
    return undefined;
  }
}

function nonceOf(direction: Direction, number: number): Buffer {
  const nonce = Buffer.alloc(12);
  nonce[0] = FIRST_BYTE[direction];
  nonce.writeUInt32BE(number, 8);
  return nonce;
}
