import { createCipheriv, createDecipheriv, createHmac, type KeyObject } from "node:crypto";
import { deriveKeys, KEY_ID_BYTES, keysNamed, type PurposeKeys } from "./keys.ts";
import { randomBytes } from "./random-bytes.ts";
import { findSecrets } from "./secrets.ts";

/** Encrypts bytes so that nobody without the secret can read them, change them or move them elsewhere. */
export interface Sealer {
  /** Encrypts, with the newest secret. `SEAL_BYTES` longer than `bytes`, and different each time. */
  seal(bytes: Uint8Array, boundTo: Uint8Array): Buffer;
  /**
   * What was sealed, or `undefined` if it was not sealed with one of the secrets, for this purpose and
   * bound to the same bytes. Nothing of it is given away before all of it is authenticated.
   */
  open(sealed: Uint8Array, boundTo: Uint8Array): Buffer | undefined;
}

/** Whose secrets are used, and what for. */
export interface SealerOptions {
  /**
   * At least 32 characters. Several: the first seals, all open. Default: the environment variable
   * `LIVE_STASH_SECRET`, as for `liveStash()`.
   */
  readonly secret?: string | readonly string[] | undefined;
  /** What is sealed, such as "redis value": sealers of different purposes open nothing of each other's. */
  readonly purpose: string;
  /** The function that takes the option `secret`, for messages. Default "liveStash". */
  readonly of?: string;
}

/** Layout: key id (2 bytes) · nonce (12) · ciphertext · tag (16). */
const ALGORITHM = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const CIPHERTEXT_AT = KEY_ID_BYTES + NONCE_BYTES;

/** What sealing adds, in bytes. */
export const SEAL_BYTES = CIPHERTEXT_AT + TAG_BYTES;

/**
 * A sealer: AES-256-GCM, under a key that is derived from the secret, the purpose and what the bytes
 * are bound to. So where that names one stash, each stash has a key of its own, and the number of
 * nonces that may be drawn at random under one key is never a concern.
 *
 * Throws a `StashError` with `invalid_option`, or `missing_secret` in production.
 */
export function createSealer({ secret, purpose, of = "liveStash" }: SealerOptions): Sealer {
  return sealerOf(deriveKeys(findSecrets(secret, { of }), `seal: ${purpose}`));
}

/** A sealer with keys that are there already. */
export function sealerOf(keys: PurposeKeys): Sealer {
  return {
    seal(bytes, boundTo) {
      const [{ keyId, key }] = keys;
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, keyFor(key, boundTo), nonce);
      cipher.setAAD(boundTo);
      // What `final` gives is empty: the cipher works like a stream.
      const ciphertext = cipher.update(bytes);
      cipher.final();
      return Buffer.concat([keyId, nonce, ciphertext, cipher.getAuthTag()]);
    },
    open(sealed, boundTo) {
      if (sealed.length < SEAL_BYTES) return undefined;
      const nonce = sealed.subarray(KEY_ID_BYTES, CIPHERTEXT_AT);
      const ciphertext = sealed.subarray(CIPHERTEXT_AT, -TAG_BYTES);
      for (const { key } of keysNamed(keys, sealed.subarray(0, KEY_ID_BYTES))) {
        const decipher = createDecipheriv(ALGORITHM, keyFor(key, boundTo), nonce, {
          authTagLength: TAG_BYTES,
        });
        decipher.setAAD(boundTo);
        decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
        const bytes = decipher.update(ciphertext);
        if (isAuthentic(decipher)) return bytes;
      }
      return undefined;
    },
  };
}

function keyFor(key: KeyObject, boundTo: Uint8Array): Buffer {
  return createHmac("sha256", key).update(boundTo).digest();
}

function isAuthentic(decipher: { final(): unknown }): boolean {
  try {
    decipher.final();
    return true;
  } catch {
    // That is how Node says that the tag does not fit.
    return false;
  }
}
