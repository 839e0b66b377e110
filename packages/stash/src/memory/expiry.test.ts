import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Deadlines } from "./expiry.ts";
import type { MemoryEntry } from "./entry.ts";

function entry(deadlineMs: number): MemoryEntry {
  return {
    id: String(deadlineMs),
    owner: "0000000000owner",
    place: 0,
    byteLength: 0,
    deadlineMs,
    earlier: undefined,
    later: undefined,
  };
}

function sweep(deadlines: Deadlines, nowMs: number): number[] {
  const taken: number[] = [];
  deadlines.sweep(nowMs, (expired) => {
    deadlines.remove(expired);
    taken.push(expired.deadlineMs);
  });
  return taken.sort((one, other) => one - other);
}

describe("a sweep of deadlines", () => {
  it("expires each entry once, to the millisecond", () => {
    const deadlines = new Deadlines(1_000);
    for (const atMs of [5_500, 2_000, 2_999, 3_000, 900_000]) deadlines.add(entry(atMs));
    expect(sweep(deadlines, 1_999)).toEqual([]);
    expect(sweep(deadlines, 2_000)).toEqual([2_000]);
    expect(sweep(deadlines, 3_000)).toEqual([2_999, 3_000]);
    expect(sweep(deadlines, 3_000)).toEqual([]);
    expect(deadlines.size).toBe(2);
    expect(sweep(deadlines, 1e15)).toEqual([5_500, 900_000]);
    expect(deadlines.size).toBe(0);
  });

  it("finds no bucket that became empty before its time", () => {
    const deadlines = new Deadlines(1_000);
    for (let second = 1; second <= 10_000; second += 1) {
      const moved = entry(second * 1_000);
      deadlines.add(moved);
      deadlines.remove(moved);
    }
    expect(deadlines.bucketCount).toBe(0);
    deadlines.add(entry(5_000_000));
    deadlines.add(entry(4_000_000));
    expect(sweep(deadlines, 1e15)).toEqual([4_000_000, 5_000_000]);
    expect(deadlines.bucketCount).toBe(0);
  });

  it("expires the same entries as a search of a plain list", () => {
    const step = fc.record({ atMs: fc.nat(50_000), passMs: fc.nat(3_000), removes: fc.boolean() });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), fc.array(step), (widthMs, steps) => {
        const deadlines = new Deadlines(widthMs);
        let listed: MemoryEntry[] = [];
        let nowMs = 0;
        for (const { atMs, passMs, removes } of steps) {
          nowMs += passMs;
          const added = entry(nowMs + atMs);
          deadlines.add(added);
          listed.push(added);
          const removed = removes ? listed.shift() : undefined;
          if (removed !== undefined) deadlines.remove(removed);
          const due = listed.filter(({ deadlineMs }) => deadlineMs <= nowMs);
          listed = listed.filter(({ deadlineMs }) => deadlineMs > nowMs);
          expect(sweep(deadlines, nowMs)).toEqual(
            due.map(({ deadlineMs }) => deadlineMs).sort((a, b) => a - b),
          );
          expect(deadlines.size).toBe(listed.length);
        }
      }),
    );
  });
});
