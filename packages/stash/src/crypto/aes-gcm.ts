import { type CipherKey, createCipheriv, createDecipheriv } from "node:crypto";

const ALGORITHM = "aes-256-gcm";

export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;

/**
 * Encrypts and authenticates, also what it is bound to, if it is bound to anything. A nonce must never
 * come twice with one key.
 */
export function encrypt(
  key: CipherKey,
  nonce: Uint8Array,
  boundTo: Uint8Array | undefined,
  bytes: Uint8Array,
): readonly [ciphertext: Buffer, tag: Buffer] {
  const cipher = createCipheriv(ALGORITHM, key, nonce);
  if (boundTo !== undefined) cipher.setAAD(boundTo);
  // What `final` gives is empty: the cipher works like a stream.
  const ciphertext = cipher.update(bytes);
  cipher.final();
  return [ciphertext, cipher.getAuthTag()];
}

/** What was encrypted so, of `ciphertext · tag`; `undefined` if it was not. */
export function decrypt(
  key: CipherKey,
  nonce: Uint8Array,
  boundTo: Uint8Array | undefined,
  encrypted: Uint8Array,
): Buffer | undefined {
  if (encrypted.length < TAG_BYTES) return undefined;
  const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  if (boundTo !== undefined) decipher.setAAD(boundTo);
  decipher.setAuthTag(encrypted.subarray(-TAG_BYTES));
  const bytes = decipher.update(encrypted.subarray(0, -TAG_BYTES));
  try {
    decipher.final();
    return bytes;
  } catch {
    // That is how Node says that the tag does not fit.
    return undefined;
  }
}
