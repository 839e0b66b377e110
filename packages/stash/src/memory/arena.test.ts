import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Arena, MAX_SLOT_BYTES, type Place, SLAB_BYTES, slotBytesFor } from "./arena.ts";

function record(length: number, fill: number): Uint8Array {
  return new Uint8Array(length).fill(fill);
}

describe("arena", () => {
  it("keeps records apart, whatever is stored and removed", () => {
    const step = fc.record({
      length: fc.oneof(fc.integer({ min: 0, max: 600 }), fc.integer({ min: 0, max: 70_000 })),
      fill: fc.nat(255),
      victim: fc.nat(),
      action: fc.constantFrom("put", "put", "remove", "overwrite"),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const arena = new Arena();
        const kept: { place: Place; content: Uint8Array }[] = [];
        for (const { length, fill, victim, action } of steps) {
          const content = record(length, fill);
          const index = victim % Math.max(kept.length, 1);
          const chosen = kept[index];
          if (action === "put" || chosen === undefined) {
            kept.push({ place: arena.put(content), content });
          } else if (action === "remove") {
            arena.remove(chosen.place);
            kept.splice(index, 1);
          } else if (slotBytesFor(length) === slotBytesFor(chosen.content.length)) {
            kept[index] = { place: arena.overwrite(chosen.place, content), content };
          }
        }
        for (const { place, content } of kept) {
          expect(Buffer.compare(arena.read(place, content.length), content)).toBe(0);
        }
        for (const { place } of kept) arena.remove(place);
        expect(arena.slabs).toBe(0);
      }),
      { numRuns: 50 },
    );
  });

  it("fills a slab before it allocates another one, and frees empty slabs", () => {
    const arena = new Arena();
    const perSlab = SLAB_BYTES / 64;
    const places = Array.from({ length: perSlab * 3 }, (_, index) => arena.put(record(64, index)));
    expect(arena.slabs).toBe(3);
    for (const place of places.slice(perSlab, 2 * perSlab)) arena.remove(place);
    expect(arena.slabs).toBe(2);
    expect(arena.read(places[1] ?? 0, 64)).toEqual(record(64, 1));
    expect(arena.put(record(64, 7))).toBe(places[perSlab]);
    expect(arena.slabs).toBe(3);
  });

  it("reuses free slots", () => {
    const arena = new Arena();
    const [one, two, three] = [1, 2, 3].map((fill) => arena.put(record(100, fill)));
    arena.remove(one ?? 0);
    arena.remove(three ?? 0);
    expect([arena.put(record(100, 4)), arena.put(record(100, 5))]).toEqual([three, one]);
    expect(arena.read(two ?? 0, 100)).toEqual(record(100, 2));
  });

  it("copies records when it stores and when it reads them", () => {
    for (const length of [100, 70_000]) {
      const arena = new Arena();
      const content = record(length, 1);
      const place = arena.put(content);
      content.fill(2);
      const read = arena.read(place, length);
      read.fill(3);
      expect(arena.read(place, length)).toEqual(record(length, 1));
    }
  });
});

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
  ])("for records of %i bytes are %i bytes", (bytes, slot) => {
    expect(slotBytesFor(bytes)).toBe(slot);
  });

  it("fit the record, and waste at most an eighth above 4 KiB", () => {
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
