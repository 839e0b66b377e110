import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createMac, deriveKeys, keysNamed, type PurposeKey, randomBytes } from "./keys.ts";

const ONE = "one-secret-of-more-than-32-characters";
const TWO = "two-secret-of-more-than-32-characters";

const bytesOf = (keys: readonly PurposeKey[]): string[] =>
  keys.map(({ keyId, mac }) => `${keyId.toString("hex")} ${mac().toString("hex")}`);

describe("deriveKeys()", () => {
  it("derives one key from each secret, in order", () => {
    const [newest, ...older] = deriveKeys([ONE, TWO], "purpose");
    expect(bytesOf(deriveKeys([ONE], "purpose"))).toEqual(bytesOf([newest]));
    expect(bytesOf(deriveKeys([TWO], "purpose"))).toEqual(bytesOf(older));
  });

  it("derives other keys for another purpose, with the same id, which does not reveal the secret", () => {
    const [one] = deriveKeys([ONE], "one purpose");
    const [other] = deriveKeys([ONE], "another purpose");
    expect(one.keyId).toHaveLength(2);
    expect(other.mac()).not.toEqual(one.mac());
    expect(other.keyId.equals(one.keyId)).toBe(true);
    expect(Buffer.from(ONE).includes(one.keyId)).toBe(false);
  });
});

it("keysNamed() finds a key by its id", () => {
  const keys = deriveKeys([ONE, TWO], "purpose");
  for (const key of keys) expect(keysNamed(keys, key.keyId)).toEqual([key]);
  expect(keysNamed(keys, Buffer.of(0, 0))).toEqual([]);
});

describe("a MAC", () => {
  const bytes = (maxLength: number) => fc.uint8Array({ maxLength });

  it("equals that of createHmac() for any key and messages, one after the other", () => {
    fc.assert(
      fc.property(bytes(64), fc.array(fc.array(bytes(700), { maxLength: 4 })), (key, messages) => {
        const mac = createMac(key);
        for (const parts of messages) {
          const expected = createHmac("sha256", key).update(Buffer.concat(parts)).digest();
          expect(mac(...parts)).toEqual(expected);
        }
      }),
    );
  });

  it("of a short message is correct after a longer one", () => {
    const key = randomBytes(32);
    const mac = createMac(key);
    for (const length of [0, 448, 449, 1_000_000, 448]) {
      const message = randomBytes(length);
      expect(mac(message)).toEqual(createHmac("sha256", key).update(message).digest());
    }
  });

  it("rejects a key longer than a block, which RFC 2104 would hash first", () => {
    expect(() => createMac(new Uint8Array(65))).toThrow(RangeError);
  });
});

describe("randomBytes()", () => {
  it("returns other bytes each time, of the requested length, across refills of the pool", () => {
    const seen = new Set<string>();
    for (let call = 0; call < 2_000; call += 1) seen.add(randomBytes(12).toString("hex"));
    expect(seen.size).toBe(2_000);
    for (const hex of seen) expect(hex).not.toMatch(/^0+$/);
    expect(randomBytes(10_000)).toHaveLength(10_000);
    expect(randomBytes(0)).toHaveLength(0);
  });

  it("returns bytes that share no memory with those of other calls", () => {
    const one = randomBytes(16);
    const copy = Buffer.from(one);
    const other = randomBytes(16);
    other.fill(0);
    expect(one).toEqual(copy);
  });
});
