import { describe, expect, it } from "vitest";
import { deriveKeys } from "../crypto/keys.ts";
import { EXPIRY_CHARACTERS, readExpiry, signExpiry } from "./expiry.ts";

const OLD = "the old secret, which was used before it was replaced";
const NEW = "the new secret, which is used from now on, until later";
const keys = deriveKeys([NEW, OLD], "lease mac");
const scope = { adapter: "browser_held", view: "counter", session: "id:session-1" };
const tokenId = "the-end-of-an-envelope";
const expiresAtMs = 1_800_000_000_123;
const signed = signExpiry(keys, scope, tokenId, expiresAtMs);

describe("a signed expiry", () => {
  it("is read as it was signed", () => {
    expect(signed).toHaveLength(EXPIRY_CHARACTERS);
    expect(readExpiry(keys, scope, tokenId, signed)).toBe(expiresAtMs);
    expect(signExpiry(keys, scope, tokenId, expiresAtMs)).toBe(signed);
  });

  it.each([
    [-1, 0],
    [0, 0],
    [2 ** 31, 2 ** 31],
    [2 ** 48, 2 ** 48 - 1],
    [Infinity, 2 ** 48 - 1],
  ])("of %d ms is read as %d ms", (expiryMs, expected) => {
    const text = signExpiry(keys, scope, tokenId, expiryMs);
    expect(readExpiry(keys, scope, tokenId, text)).toBe(expected);
  });

  it("is valid with an older secret, and not with an unknown one", () => {
    const old = signExpiry(deriveKeys([OLD], "lease mac"), scope, tokenId, expiresAtMs);
    expect(readExpiry(keys, scope, tokenId, old)).toBe(expiresAtMs);
    expect(readExpiry(deriveKeys([NEW], "lease mac"), scope, tokenId, old)).toBeUndefined();
  });

  it("is valid for one token in one scope", () => {
    expect(readExpiry(keys, scope, "another-envelopes-end!", signed)).toBeUndefined();
    for (const other of [{ adapter: "x" }, { view: "x" }, { session: "x" }]) {
      expect(readExpiry(keys, { ...scope, ...other }, tokenId, signed)).toBeUndefined();
    }
  });

  it("is rejected if it was put off, or changed in any character", () => {
    const later = Buffer.from(signed, "base64url");
    later.writeUIntBE(expiresAtMs + 1, 0, 6);
    expect(readExpiry(keys, scope, tokenId, later.toString("base64url"))).toBeUndefined();
    for (let at = 0; at < signed.length; at += 1) {
      const changed = signed[at] === "A" ? "B" : "A";
      const forged = signed.slice(0, at) + changed + signed.slice(at + 1);
      expect(readExpiry(keys, scope, tokenId, forged)).toBeUndefined();
    }
    const wrong = ["", signed.slice(1), `${signed}A`, `${signed.slice(1)}=`, signed.repeat(2)];
    for (const text of wrong) expect(readExpiry(keys, scope, tokenId, text)).toBeUndefined();
  });
});
