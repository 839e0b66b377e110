import { describe, expect, it } from "vitest";
import { deriveKeys, keysNamed, type PurposeKey } from "./keys.ts";

const ONE = "one-secret-of-more-than-32-characters";
const TWO = "two-secret-of-more-than-32-characters";

const bytesOf = (keys: readonly PurposeKey[]): string[] =>
  keys.map(({ keyId, mac }) => `${keyId.toString("hex")} ${mac().toString("hex")}`);

describe("keys", () => {
  it("are one for each secret, in their order", () => {
    const [newest, ...older] = deriveKeys([ONE, TWO], "purpose");
    expect(bytesOf(deriveKeys([ONE], "purpose"))).toEqual(bytesOf([newest]));
    expect(bytesOf(deriveKeys([TWO], "purpose"))).toEqual(bytesOf(older));
  });

  it("do not show the secret, and differ by purpose, not by name", () => {
    const [one] = deriveKeys([ONE], "one purpose");
    const [other] = deriveKeys([ONE], "another purpose");
    expect(one.keyId).toHaveLength(2);
    expect(other.mac()).not.toEqual(one.mac());
    expect(other.keyId.equals(one.keyId)).toBe(true);
    expect(Buffer.from(ONE).includes(one.keyId)).toBe(false);
  });

  it("are found by name", () => {
    const keys = deriveKeys([ONE, TWO], "purpose");
    for (const key of keys) expect(keysNamed(keys, key.keyId)).toEqual([key]);
    expect(keysNamed(keys, Buffer.of(0, 0))).toEqual([]);
  });
});
