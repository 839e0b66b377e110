import { createHmac, randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createMac, createSigner } from "./signer.ts";

const OLD = "an old secret of at least 32 characters";
const NEW = "a newer secret of at least 32 characters";

function signer(secrets: readonly string[], purpose = "test", clock = { nowMs: 1_000_000 }) {
  return createSigner<{ n: number }>({
    secrets,
    purpose,
    maxAgeMs: 60_000,
    now: () => clock.nowMs,
  });
}

describe("a signer", () => {
  test("verifies its own tokens", () => {
    const { sign, verify } = signer([NEW]);
    expect(verify(sign({ n: 1 }))).toEqual({ ok: true, value: { n: 1 }, issuedAtMs: 1_000_000 });
  });

  test("makes tokens that need no escaping in an attribute, in JSON and in a cookie", () => {
    expect(signer([NEW]).sign({ n: 1 })).toMatch(/^[\w.-]+$/);
  });

  test("rejects a token that is older than its maximum age", () => {
    const clock = { nowMs: 1_000_000 };
    const { sign, verify } = signer([NEW], "test", clock);
    const token = sign({ n: 1 });
    clock.nowMs += 60_000;
    expect(verify(token).ok).toBe(true);
    clock.nowMs += 1;
    expect(verify(token)).toEqual({ ok: false, reason: "expired" });
  });

  test("rejects tokens of another purpose or secret as forged", () => {
    const token = signer([NEW]).sign({ n: 1 });
    expect(signer([NEW], "other").verify(token)).toEqual({ ok: false, reason: "forged" });
    expect(signer([OLD]).verify(token)).toEqual({ ok: false, reason: "forged" });
  });

  test("verifies old tokens after a rotation until the old secret is removed", () => {
    const token = signer([OLD]).sign({ n: 1 });
    expect(signer([NEW, OLD]).verify(token).ok).toBe(true);
    expect(signer([NEW]).verify(token).ok).toBe(false);
    expect(signer([OLD]).verify(signer([NEW, OLD]).sign({ n: 2 })).ok).toBe(false);
  });

  test("rejects a token with any character changed", () => {
    const { sign, verify } = signer([NEW]);
    const token = sign({ n: 1 });
    // Not the last one: it carries bits that base64url drops.
    for (let index = 0; index < token.length - 1; index++) {
      const other = token[index] === "A" ? "B" : "A";
      const changed = token.slice(0, index) + other + token.slice(index + 1);
      expect(verify(changed).ok).toBe(false);
    }
  });

  test("signs no token that is too long to verify", () => {
    const texts = createSigner<string>({
      secrets: [NEW],
      purpose: "page",
      maxAgeMs: 1_000,
      now: () => 0,
    });
    let longest = "";
    for (let length = 6_000; length < 6_200; length += 1) {
      const text = "x".repeat(length);
      try {
        expect(texts.verify(texts.sign(text))).toMatchObject({ ok: true, value: text });
        longest = text;
      } catch (error) {
        expect(error).toMatchObject({ code: "token_too_large" });
        expect(longest.length).toBe(length - 1);
        expect(String(error)).toContain("a page token: expected at most 8192 characters");
        return;
      }
    }
    expect.unreachable();
  });

  test.each([[undefined], [""], ["a"], ["a.b"], ["a.b.c.d"], [".."], ["x".repeat(100_000)]])(
    "rejects %j without throwing",
    (token) => {
      expect(signer([NEW]).verify(token).ok).toBe(false);
    },
  );
});

const bytes = (maxLength: number) => fc.uint8Array({ maxLength });

describe("a MAC", () => {
  test("equals that of createHmac for any key and parts, message after message", () => {
    fc.assert(
      fc.property(bytes(64), fc.array(fc.array(bytes(300), { maxLength: 4 })), (key, messages) => {
        const mac = createMac(key);
        for (const parts of messages) {
          const expected = createHmac("sha256", key).update(Buffer.concat(parts)).digest();
          expect(mac(...parts)).toEqual(expected);
        }
      }),
    );
  });

  test("of a message does not depend on the length of the message before", () => {
    const key = randomBytes(32);
    const mac = createMac(key);
    for (const length of [0, 448, 449, 1_000_000, 448]) {
      const message = randomBytes(length);
      expect(mac(message)).toEqual(createHmac("sha256", key).update(message).digest());
    }
  });

  test("cannot be created for a key longer than a block of the hash", () => {
    expect(() => createMac(new Uint8Array(65))).toThrow(RangeError);
  });
});
