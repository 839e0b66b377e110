import { hash, hkdfSync, timingSafeEqual } from "node:crypto";
import { LiveViewError } from "../errors.ts";

/** The reason why a token was rejected. For logs only: the reply to a client says just "stale". */
export type TokenFailure = "malformed" | "forged" | "expired";

export type Verified<T> =
  | { readonly ok: true; readonly value: T; readonly issuedAtMs: number }
  | { readonly ok: false; readonly reason: TokenFailure };

/** Signs and verifies the tokens of one purpose. */
export interface Signer<T> {
  sign(value: T): string;
  /** Verifies the MAC before parsing anything, then the age. */
  verify(token: string | undefined): Verified<T>;
  /**
   * Returns the age that a token claims, in ms, without verifying the token. Use the age only for
   * decisions that affect nobody but the sender.
   */
  claimedAgeMs(token: string | undefined): number | undefined;
}

/** The longest token that is verified, in characters: bounds the work for a token from outside. */
const MAX_TOKEN_LENGTH = 8192;

const macOf = (mac: Mac, text: string): Buffer => mac(Buffer.from(text));

/**
 * Creates a signer of small JSON values. A token of one purpose never verifies for another. Format:
 * `<base64url JSON>.<issued at, base 36 ms>.<base64url HMAC-SHA-256 of both>`, which needs no escaping in
 * an attribute, in JSON and in a cookie. The client can read the content. The first secret signs, all
 * secrets verify.
 */
export function createSigner<T>(options: {
  readonly secrets: readonly string[];
  readonly purpose: string;
  readonly maxAgeMs: number;
  readonly now: () => number;
}): Signer<T> {
  const { purpose, maxAgeMs, now } = options;
  const macs = options.secrets.map((secret) => createMac(deriveKey(secret, purpose)));
  const [signingMac] = macs;
  if (signingMac === undefined) throw new Error("createSigner needs at least one secret");

  const split = (token: string | undefined) => {
    if (token === undefined || token.length > MAX_TOKEN_LENGTH) return undefined;
    const [body, issued, mac, ...rest] = token.split(".");
    if (body === undefined || issued === undefined || mac === undefined) return undefined;
    const issuedAtMs = Number.parseInt(issued, 36);
    if (rest.length > 0 || !Number.isSafeInteger(issuedAtMs)) return undefined;
    return { body, issued, mac: Buffer.from(mac, "base64url"), issuedAtMs };
  };

  return {
    sign(value) {
      const body = Buffer.from(JSON.stringify(value)).toString("base64url");
      const text = `${body}.${Math.floor(now()).toString(36)}`;
      const token = `${text}.${macOf(signingMac, text).toString("base64url")}`;
      if (token.length <= MAX_TOKEN_LENGTH) return token;
      throw new LiveViewError(
        "token_too_large",
        `Signing a ${purpose} token: expected at most ${MAX_TOKEN_LENGTH} characters, the longest token ` +
          `that is verified, found ${token.length}. Put less data into it.`,
      );
    },
    verify(token) {
      const parts = split(token);
      if (parts === undefined) return { ok: false, reason: "malformed" };
      const { body, issued, mac, issuedAtMs } = parts;
      const genuine = macs.some((each) => {
        const expected = macOf(each, `${body}.${issued}`);
        return expected.length === mac.length && timingSafeEqual(expected, mac);
      });
      if (!genuine) return { ok: false, reason: "forged" };
      if (now() - issuedAtMs > maxAgeMs) return { ok: false, reason: "expired" };
      const value = JSON.parse(Buffer.from(body, "base64url").toString()) as T;
      return { ok: true, value, issuedAtMs };
    },
    claimedAgeMs(token) {
      const parts = split(token);
      return parts === undefined ? undefined : now() - parts.issuedAtMs;
    },
  };
}

/** Derives a key of 32 bytes for one purpose, so that the secret itself is never used as a key. */
export const deriveKey = (secret: string, purpose: string): Uint8Array =>
  new Uint8Array(hkdfSync("sha256", secret, "", `live-view ${purpose}`, 32));

/** Computes the HMAC-SHA-256 of the concatenated parts: 32 bytes. */
export type Mac = (...parts: readonly Uint8Array[]) => Buffer;

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;
/** The initial size of the message buffer, enough for most tokens. The buffer grows on demand. */
const FIRST_MESSAGE_BYTES = 448;

/**
 * Creates a MAC for a key of at most 64 bytes, from two hashes as in RFC 2104. Node's `createHmac`
 * returns the same bytes, but looks up the algorithm and creates a stream for each message, which takes
 * twice as long as both hashes. The buffers contain the key, so they are not taken from Node's shared
 * pool. (`live-stash` has a copy of this function, because neither package depends on the other.)
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

/** Pads the key to a block of the hash, with room for the message behind it. */
function padded(key: Uint8Array, pad: number, roomBytes: number): Uint8Array {
  if (key.length > BLOCK_BYTES) throw new RangeError("A key of a MAC is longer than a block.");
  const bytes = new Uint8Array(BLOCK_BYTES + roomBytes);
  bytes.set(key);
  for (let index = 0; index < BLOCK_BYTES; index += 1) bytes[index] = (bytes[index] ?? 0) ^ pad;
  return bytes;
}
