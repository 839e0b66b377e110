import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSealer, SEAL_BYTES } from "./seal.ts";

const OLD = "the old secret, which was used before it was replaced";
const NEW = "the new secret, which is used from now on, until later";
const scope = Buffer.from("stash 1");
const bytes = Buffer.from("a text that nobody else may read or change");
const sealer = createSealer({ secret: [NEW, OLD], purpose: "test" });

describe("a sealer", () => {
  it("opens the bytes that it sealed", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.uint8Array(), (plain, anyScope) => {
        const sealed = sealer.seal(plain, anyScope);
        expect(sealed).toHaveLength(plain.length + SEAL_BYTES);
        expect(sealer.open(sealed, anyScope)).toEqual(Buffer.from(plain));
      }),
    );
  });

  it("seals the same bytes differently each time, and reveals nothing of them", () => {
    const sealed = sealer.seal(bytes, scope);
    expect(sealer.seal(bytes, scope).equals(sealed)).toBe(false);
    expect(sealed.includes(bytes.subarray(0, 4))).toBe(false);
  });

  it("opens bytes that were sealed with an older secret, only if it has that secret", () => {
    const old = createSealer({ secret: OLD, purpose: "test" }).seal(bytes, scope);
    expect(sealer.open(old, scope)).toEqual(bytes);
    expect(createSealer({ secret: NEW, purpose: "test" }).open(old, scope)).toBeUndefined();
  });

  it("opens nothing that was sealed for another scope or purpose", () => {
    const sealed = sealer.seal(bytes, scope);
    expect(sealer.open(sealed, Buffer.from("stash 2"))).toBeUndefined();
    const other = createSealer({ secret: [NEW, OLD], purpose: "another" });
    expect(other.open(sealed, scope)).toBeUndefined();
  });

  it("opens nothing if any bit was changed or a part is missing", () => {
    const sealed = sealer.seal(bytes, scope);
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const forged = Buffer.from(sealed);
      forged[bit >> 3] = (forged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(sealer.open(forged, scope)).toBeUndefined();
    }
    for (let length = 0; length < sealed.length; length += 1) {
      expect(sealer.open(sealed.subarray(0, length), scope)).toBeUndefined();
    }
  });

  it("opens bytes that an earlier release sealed (test vector)", () => {
    const sealed =
      "b0a99f1baf1440b0b831cda71ddd78ce0440ae26231ddb95c5d3800f33ae25360659535c964588967ff43a6e5eb7396dd350f1616635452ce6063e3b3ccb";
    expect(
      createSealer({ secret: OLD, purpose: "vector" }).open(Buffer.from(sealed, "hex"), scope),
    ).toEqual(createHash("sha256").update("vector").digest());
  });
});
