import { describe, expect, it } from "vitest";
import { deriveKeys } from "../crypto/keys.ts";
import { LEASE_CHARACTERS, readLease, signLease } from "./expiry.ts";

const OLD = "the old secret, which was used before it was replaced";
const NEW = "the new secret, which is used from now on, until later";
const keys = deriveKeys([NEW, OLD], "lease mac");
const scope = { adapter: "browser_held", view: "counter", binding: "id:session-1" };
const mark = "the-end-of-an-envelope";
const expiresAtMs = 1_800_000_000_123;
const lease = signLease(keys, scope, mark, expiresAtMs);

describe("leases", () => {
  it("say until when", () => {
    expect(lease).toHaveLength(LEASE_CHARACTERS);
    expect(readLease(keys, scope, mark, lease)).toBe(expiresAtMs);
    expect(signLease(keys, scope, mark, expiresAtMs)).toBe(lease);
  });

  it.each([
    [-1, 0],
    [0, 0],
    [2 ** 31, 2 ** 31],
    [2 ** 48, 2 ** 48 - 1],
    [Infinity, 2 ** 48 - 1],
  ])("of a deadline of %d ms say %d", (deadlineMs, expected) => {
    const text = signLease(keys, scope, mark, deadlineMs);
    expect(readLease(keys, scope, mark, text)).toBe(expected);
  });

  it("of an older secret hold, those of an unknown one do not", () => {
    const old = signLease(deriveKeys([OLD], "lease mac"), scope, mark, expiresAtMs);
    expect(readLease(keys, scope, mark, old)).toBe(expiresAtMs);
    expect(readLease(deriveKeys([NEW], "lease mac"), scope, mark, old)).toBeUndefined();
  });

  it("hold for one state in one scope", () => {
    expect(readLease(keys, scope, "another-envelopes-end!", lease)).toBeUndefined();
    for (const other of [{ adapter: "x" }, { view: "x" }, { binding: "x" }]) {
      expect(readLease(keys, { ...scope, ...other }, mark, lease)).toBeUndefined();
    }
  });

  it("cannot be lengthened, nor changed in any character", () => {
    const later = Buffer.from(lease, "base64url");
    later.writeUIntBE(expiresAtMs + 1, 0, 6);
    expect(readLease(keys, scope, mark, later.toString("base64url"))).toBeUndefined();
    for (let at = 0; at < lease.length; at += 1) {
      const changed = lease[at] === "A" ? "B" : "A";
      const forged = lease.slice(0, at) + changed + lease.slice(at + 1);
      expect(readLease(keys, scope, mark, forged)).toBeUndefined();
    }
    for (const text of ["", lease.slice(1), `${lease}A`, `${lease.slice(1)}=`, lease.repeat(2)])
      expect(readLease(keys, scope, mark, text)).toBeUndefined();
  });
});
