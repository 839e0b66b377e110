import { hkdfSync } from "node:crypto";

/** A key of 32 bytes for one purpose, so that the secret itself is never used. */
export const deriveKey = (secret: string, purpose: string): Uint8Array =>
  new Uint8Array(hkdfSync("sha256", secret, "", `live-view ${purpose}`, 32));
