import { createSecretKey, hkdfSync, type KeyObject } from "node:crypto";

/**
 * A key of 32 bytes for one purpose, so that the secret itself is never used. As a `KeyObject`: with
 * the bytes alone, each MAC would prepare the key anew, which takes longer than the MAC.
 */
export const deriveKey = (secret: string, purpose: string): KeyObject =>
  createSecretKey(Buffer.from(hkdfSync("sha256", secret, "", `live-view ${purpose}`, 32)));
