import { createHmac, type KeyObject, randomBytes, timingSafeEqual } from "node:crypto";
import { deriveKey } from "./derive-key.ts";

/** Makes and checks the token that a page must present to open a socket with its session. */
export interface Csrf {
  issue(sessionId: string): string;
  verify(token: unknown, sessionId: string): boolean;
}

const SALT_BYTES = 12;
const TOKEN_LENGTH = 59;

/**
 * The token is `salt + HMAC(salt, session id)`: nothing is stored, it is another text on every
 * page (so compression leaks nothing), and it belongs to one session.
 */
export function createCsrf(secrets: readonly string[]): Csrf {
  const keys = secrets.map((secret) => deriveKey(secret, "csrf"));
  const mac = (key: KeyObject, salt: Buffer, sessionId: string): Buffer =>
    createHmac("sha256", key).update(salt).update(sessionId).digest();
  const [signingKey] = keys;
  if (signingKey === undefined) throw new Error("createCsrf needs at least one secret");
  return {
    issue(sessionId) {
      const salt = randomBytes(SALT_BYTES);
      return Buffer.concat([salt, mac(signingKey, salt, sessionId)]).toString("base64url");
    },
    verify(token, sessionId) {
      if (typeof token !== "string" || token.length !== TOKEN_LENGTH) return false;
      const bytes = Buffer.from(token, "base64url");
      const salt = bytes.subarray(0, SALT_BYTES);
      const given = bytes.subarray(SALT_BYTES);
      return keys.some((key) => {
        const expected = mac(key, salt, sessionId);
        return expected.length === given.length && timingSafeEqual(expected, given);
      });
    },
  };
}
