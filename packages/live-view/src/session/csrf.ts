import { randomBytes, timingSafeEqual } from "node:crypto";
import { createMac, deriveKey, type Mac } from "./signer.ts";

/** Issues and verifies the token that a page must send to open a socket with its session. */
export interface Csrf {
  issue(sessionId: string): string;
  verify(token: unknown, sessionId: string): boolean;
}

const SALT_BYTES = 12;
/** The length of 12 + 32 bytes in base64url. */
const TOKEN_LENGTH = 59;

/**
 * Creates the issuer of CSRF tokens. A token is `salt + HMAC(salt, session id)`, which needs no storage
 * and belongs to one session. The salt makes every token different, so that compression leaks nothing.
 */
export function createCsrf(secrets: readonly string[]): Csrf {
  const macs = secrets.map((secret) => createMac(deriveKey(secret, "csrf")));
  const macOf = (mac: Mac, salt: Buffer, sessionId: string): Buffer =>
    mac(salt, Buffer.from(sessionId));
  const [signingMac] = macs;
  if (signingMac === undefined) throw new Error("createCsrf needs at least one secret");
  return {
    issue(sessionId) {
      const salt = randomBytes(SALT_BYTES);
      return Buffer.concat([salt, macOf(signingMac, salt, sessionId)]).toString("base64url");
    },
    verify(token, sessionId) {
      if (typeof token !== "string" || token.length !== TOKEN_LENGTH) return false;
      const bytes = Buffer.from(token, "base64url");
      const salt = bytes.subarray(0, SALT_BYTES);
      const given = bytes.subarray(SALT_BYTES);
      return macs.some((mac) => {
        const expected = macOf(mac, salt, sessionId);
        return expected.length === given.length && timingSafeEqual(expected, given);
      });
    },
  };
}
