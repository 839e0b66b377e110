import fc from "fast-check";
import { expect, it } from "vitest";
import { ReplayWindow } from "./replay-window.ts";

it("accepts each number once, whatever their order", () => {
  const shuffled = fc.uniqueArray(fc.integer({ min: 1, max: 1_000 }), { minLength: 1 });
  fc.assert(
    fc.property(shuffled, (numbers) => {
      const window = new ReplayWindow();
      expect(numbers.every((number) => window.accept(number))).toBe(true);
      expect(numbers.some((number) => window.accept(number))).toBe(false);
    }),
  );
});

it("accepts nothing that is too old to be known, and never 0", () => {
  const window = new ReplayWindow();
  expect(window.accept(0)).toBe(false);
  for (const number of [5, 10_000, 10_000 - 1_023]) expect(window.accept(number)).toBe(true);
  for (const number of [5, 6, 10_000, 10_000 - 1_024]) expect(window.accept(number)).toBe(false);
  for (const number of [10_001, 0xffff_ffff]) expect(window.accept(number)).toBe(true);
  expect(window.accept(10_001)).toBe(false);
});
