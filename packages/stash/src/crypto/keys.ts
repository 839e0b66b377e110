import { hash, hkdfSync, randomFillSync } from "node:crypto";
import type { Secrets } from "./secrets.ts";

/** The use of a key, as part of its derivation. No two purposes share a key. */
export type KeyPurpose = string;

/** A key derived from one secret for one purpose. The secret itself is never used as a key. */
export interface PurposeKey {
  /** Names the secret in whatever the key protects; the same for all purposes. 2 bytes. */
  readonly keyId: Buffer;
  /** Authenticates bytes, and derives further keys of 32 bytes. */
  readonly mac: Mac;
}

/** The keys of an application for one purpose: the newest writes, all of them read. */
export type PurposeKeys = readonly [newest: PurposeKey, ...older: PurposeKey[]];

export const KEY_ID_BYTES = 2;

/** Derives one key from each secret, by HKDF-SHA-256. */
export function deriveKeys([newest, ...older]: Secrets, purpose: KeyPurpose): PurposeKeys {
  return [deriveKey(newest, purpose), ...older.map((secret) => deriveKey(secret, purpose))];
}

/** Returns the keys with this id: one as a rule; more if the ids of two secrets collide. */
export function keysNamed(keys: PurposeKeys, keyId: Uint8Array): readonly PurposeKey[] {
  return keys.filter((key) => key.keyId.equals(keyId));
}

function deriveKey(secret: string, purpose: KeyPurpose): PurposeKey {
  return {
    keyId: derive(secret, "key id", KEY_ID_BYTES),
    mac: createMac(derive(secret, purpose, 32)),
  };
}

function derive(secret: string, purpose: string, bytes: number): Buffer {
  return Buffer.from(hkdfSync("sha256", secret, "live-stash/1", purpose, bytes));
}

/** Computes HMAC-SHA-256 over the concatenated parts, under the key it was created with: 32 bytes. */
export type Mac = (...parts: readonly Uint8Array[]) => Buffer;

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;
/** The initial room for a message, enough for most; it grows to the longest message so far. */
const FIRST_MESSAGE_BYTES = 448;

/**
 * Creates a MAC with a key of at most 64 bytes, composed of two hashes by RFC 2104. `createHmac` of
 * Node.js returns the same bytes, but looks up the algorithm by name and creates a stream for each
 * message, which takes twice as long as the two hashes. The hashed bytes include the key, so they lie
 * in memory of their own and not in the buffer pool of Node.js. (`@live-stash/live-view` has a copy of
 * this function, because neither package depends on the other.)
 */
export function createMac(key: Uint8Array): Mac {
  let inner = padded(key, INNER_PAD, FIRST_MESSAGE_BYTES);
  const outer = padded(key, OUTER_PAD, DIGEST_BYTES);

  return (...parts) => {
    let end = BLOCK_BYTES;
    for (const part of parts) end += part.length;
    if (end > inner.length) inner = padded(key, INNER_PAD, end - BLOCK_BYTES);
    let at = BLOCK_BYTES;
    for (const part of parts) {
      inner.set(part, at);
      at += part.length;
    }
    outer.set(hash("sha256", inner.subarray(0, end), "buffer"), BLOCK_BYTES);
    return hash("sha256", outer, "buffer");
  };
}

/** Returns the key padded to one block of the hash, followed by room for the bytes to hash. */
function padded(key: Uint8Array, pad: number, roomBytes: number): Uint8Array {
  if (key.length > BLOCK_BYTES) {
    throw new RangeError(`createMac(): expected a key of at most 64 bytes, got ${key.length}.`);
  }
  const bytes = new Uint8Array(BLOCK_BYTES + roomBytes);
  bytes.set(key);
  for (let index = 0; index < BLOCK_BYTES; index += 1) bytes[index] = (bytes[index] ?? 0) ^ pad;
  return bytes;
}

const POOL_BYTES = 4_096;

let pool = Buffer.alloc(0);
let used = 0;

/**
 * Returns random bytes that no other caller receives. They come from a pool, because a call into the
 * system's generator takes longer than encrypting with the 12 bytes that most callers need.
 */
export function randomBytes(count: number): Buffer {
  if (used + count > pool.length) {
    pool = randomFillSync(Buffer.allocUnsafeSlow(Math.max(POOL_BYTES, count)));
    used = 0;
  }
  const bytes = Buffer.from(pool.subarray(used, used + count));
  // A later leak of the pool must not reveal bytes that were already returned.
  pool.fill(0, used, used + count);
  used += count;
  return bytes;
}
