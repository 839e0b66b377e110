import { hkdfSync } from "node:crypto";
import { createMac, type Mac } from "./mac.ts";
import type { Secrets } from "./secrets.ts";

/** What a key may be used for. No two purposes share a key. */
export type KeyPurpose = string;

/** What one secret becomes for one purpose: the secret itself is never used. */
export interface PurposeKey {
  /** Names the secret inside what was made with the key; the same for all purposes. 2 bytes. */
  readonly keyId: Buffer;
  /** Authenticates, and derives keys, with a key of 32 bytes. */
  readonly mac: Mac;
}

/** The keys of an application for one purpose: the newest writes, all read. */
export type PurposeKeys = readonly [newest: PurposeKey, ...older: PurposeKey[]];

export const KEY_ID_BYTES = 2;

/** One key for each secret, by HKDF-SHA-256. */
export function deriveKeys([newest, ...older]: Secrets, purpose: KeyPurpose): PurposeKeys {
  return [deriveKey(newest, purpose), ...older.map((secret) => deriveKey(secret, purpose))];
}

/** The keys that something was made with, if it says the truth: as a rule one, seldom more. */
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
