import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_SLOT_BYTES, slotBytesFor } from "./size-class.ts";

describe("slot sizes", () => {
  it.each([
    [0, 64],
    [1, 64],
    [64, 64],
    [65, 128],
    [446, 448],
    [4_096, 4_096],
    [4_097, 4_608],
    [8_192, 8_192],
    [8_193, 9_216],
    [65_536, 65_536],
    [65_537, 65_537],
  ])("%i bytes take %i", (bytes, slot) => {
    expect(slotBytesFor(bytes)).toBe(slot);
  });

  it("fit, waste little, and grow with the record", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: MAX_SLOT_BYTES }), (bytes) => {
        const slot = slotBytesFor(bytes);
        expect(slot).toBeGreaterThanOrEqual(bytes);
        expect(slot - bytes).toBeLessThan(Math.max(64, bytes / 8));
        expect(slotBytesFor(slot)).toBe(slot);
      }),
    );
  });
});
