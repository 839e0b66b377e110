import { decrypt, encrypt, NONCE_BYTES, TAG_BYTES } from "./aes-gcm.ts";
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
      const [{ keyId, mac }] = keys;
      const nonce = randomBytes(NONCE_BYTES);
      return Buffer.concat([keyId, nonce, ...encrypt(mac(boundTo), nonce, boundTo, bytes)]);
    },
    open(sealed, boundTo) {
      if (sealed.length < SEAL_BYTES) return undefined;
      const nonce = sealed.subarray(KEY_ID_BYTES, CIPHERTEXT_AT);
      const encrypted = sealed.subarray(CIPHERTEXT_AT);
      for (const { mac } of keysNamed(keys, sealed.subarray(0, KEY_ID_BYTES))) {
        const bytes = decrypt(mac(boundTo), nonce, boundTo, encrypted);
        if (bytes !== undefined) return bytes;
      }
      return undefined;
    },
  };
}
