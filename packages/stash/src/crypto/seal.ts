import { type CipherKey, createCipheriv, createDecipheriv } from "node:crypto";
import { deriveKeys, KEY_ID_BYTES, keysNamed, type PurposeKeys, randomBytes } from "./keys.ts";
import { findSecrets } from "./secrets.ts";

/** Encrypts bytes so that without the secret nobody can read, change or move them elsewhere. */
export interface Sealer {
  /**
   * Encrypts with the newest secret. The result is `SEAL_BYTES` longer than `bytes` and different
   * each time. Only `open` with the same `scope` decrypts it.
   */
  seal(bytes: Uint8Array, scope: Uint8Array): Buffer;
  /**
   * Decrypts sealed bytes; returns `undefined` unless they were sealed with one of the secrets, for
   * this purpose and this scope. Returns nothing before all of it is authenticated.
   */
  open(sealed: Uint8Array, scope: Uint8Array): Buffer | undefined;
}

/** The secrets of a sealer, and their purpose. */
export interface SealerOptions {
  /**
   * At least 32 characters. Of several secrets, the first seals and all open. Default: the environment
   * variable `LIVE_STASH_SECRET`, as for `liveStash()`.
   */
  readonly secret?: string | readonly string[] | undefined;
  /**
   * The kind of bytes to seal, such as "redis value". A sealer opens nothing that was sealed for
   * another purpose.
   */
  readonly purpose: string;
  /** The function whose option is `secret`, for error messages. Default "liveStash". */
  readonly of?: string;
}

const ALGORITHM = "aes-256-gcm";

export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;

/** Layout: key id (2 bytes) · nonce (12) · ciphertext · tag (16). */
const CIPHERTEXT_AT = KEY_ID_BYTES + NONCE_BYTES;

/** The length that sealing adds, in bytes. */
export const SEAL_BYTES = CIPHERTEXT_AT + TAG_BYTES;

/**
 * Creates a sealer: AES-256-GCM, under a key derived from the secret, the purpose and the scope. Where
 * the scope names one stash, each stash has a key of its own, so random nonces never repeat under a key.
 *
 * Throws a `StashError` with `invalid_option`, or `missing_secret` in production.
 */
export function createSealer({ secret, purpose, of = "liveStash" }: SealerOptions): Sealer {
  return sealerOf(deriveKeys(findSecrets(secret, { of }), `seal: ${purpose}`));
}

/** Creates a sealer with keys that are derived already. */
export function sealerOf(keys: PurposeKeys): Sealer {
  return {
    seal(bytes, scope) {
      const [{ keyId, mac }] = keys;
      const nonce = randomBytes(NONCE_BYTES);
      return Buffer.concat([keyId, nonce, ...encrypt(mac(scope), nonce, scope, bytes)]);
    },
    open(sealed, scope) {
      if (sealed.length < SEAL_BYTES) return undefined;
      const nonce = sealed.subarray(KEY_ID_BYTES, CIPHERTEXT_AT);
      const encrypted = sealed.subarray(CIPHERTEXT_AT);
      for (const { mac } of keysNamed(keys, sealed.subarray(0, KEY_ID_BYTES))) {
        const bytes = decrypt(mac(scope), nonce, scope, encrypted);
        if (bytes !== undefined) return bytes;
      }
      return undefined;
    },
  };
}

/**
 * Encrypts `bytes` and authenticates them together with `scope`, if there is one. The same key must
 * never encrypt twice with the same nonce.
 */
export function encrypt(
  key: CipherKey,
  nonce: Uint8Array,
  scope: Uint8Array | undefined,
  bytes: Uint8Array,
): readonly [ciphertext: Buffer, tag: Buffer] {
  const cipher = createCipheriv(ALGORITHM, key, nonce);
  if (scope !== undefined) cipher.setAAD(scope);
  // GCM works like a stream cipher, so `final` returns no further bytes.
  const ciphertext = cipher.update(bytes);
  cipher.final();
  return [ciphertext, cipher.getAuthTag()];
}

/** Decrypts `ciphertext · tag`; returns `undefined` unless key, nonce, scope and tag fit. */
export function decrypt(
  key: CipherKey,
  nonce: Uint8Array,
  scope: Uint8Array | undefined,
  encrypted: Uint8Array,
): Buffer | undefined {
  if (encrypted.length < TAG_BYTES) return undefined;
  const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  if (scope !== undefined) decipher.setAAD(scope);
  decipher.setAuthTag(encrypted.subarray(-TAG_BYTES));
  const bytes = decipher.update(encrypted.subarray(0, -TAG_BYTES));
  try {
    decipher.final();
    return bytes;
  } catch {
    // `final` throws if the tag does not match.
    return undefined;
  }
}
