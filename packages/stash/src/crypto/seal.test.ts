import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSealer, SEAL_BYTES } from "./seal.ts";

const OLD = "the old secret, which was used before it was replaced";
const NEW = "the new secret, which is used from now on, until later";
const boundTo = Buffer.from("stash 1");
const bytes = Buffer.from("what nobody else may read, or change");
const sealer = createSealer({ secret: [NEW, OLD], purpose: "test" });

describe("sealed bytes", () => {
  it("open to what was sealed", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.uint8Array(), (plain, binding) => {
        const sealed = sealer.seal(plain, binding);
        expect(sealed).toHaveLength(plain.length + SEAL_BYTES);
        expect(sealer.open(sealed, binding)).toEqual(Buffer.from(plain));
      }),
    );
  });

  it("are different each time, and show nothing", () => {
    const sealed = sealer.seal(bytes, boundTo);
    expect(sealer.seal(bytes, boundTo).equals(sealed)).toBe(false);
    expect(sealed.includes(bytes.subarray(0, 4))).toBe(false);
  });

  it("open with an older secret, not without it", () => {
    const old = createSealer({ secret: OLD, purpose: "test" }).seal(bytes, boundTo);
    expect(sealer.open(old, boundTo)).toEqual(bytes);
    expect(createSealer({ secret: NEW, purpose: "test" }).open(old, boundTo)).toBeUndefined();
  });

  it("open nowhere else", () => {
    const sealed = sealer.seal(bytes, boundTo);
    expect(sealer.open(sealed, Buffer.from("stash 2"))).toBeUndefined();
    const other = createSealer({ secret: [NEW, OLD], purpose: "another" });
    expect(other.open(sealed, boundTo)).toBeUndefined();
  });

  it("do not open if any bit is changed, or a part is missing", () => {
    const sealed = sealer.seal(bytes, boundTo);
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const forged = Buffer.from(sealed);
      forged[bit >> 3] = (forged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(sealer.open(forged, boundTo)).toBeUndefined();
    }
    for (let length = 0; length < sealed.length; length += 1) {
      expect(sealer.open(sealed.subarray(0, length), boundTo)).toBeUndefined();
    }
  });

  it("stay readable for later releases: a vector", () => {
    const sealed =
      "b0a99f1baf1440b0b831cda71ddd78ce0440ae26231ddb95c5d3800f33ae25360659535c964588967ff43a6e5eb7396dd350f1616635452ce6063e3b3ccb";
    expect(
      createSealer({ secret: OLD, purpose: "vector" }).open(Buffer.from(sealed, "hex"), boundTo),
    ).toEqual(createHash("sha256").update("vector").digest());
  });
});
