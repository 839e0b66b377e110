import { expect, test } from "vitest";
import { ratesPerSecond, riseBetween } from "./series.ts";

test("rates cover the time between readings, and a gap removes the rates beside it", () => {
  expect(ratesPerSecond([0, 1_000, 3_000], [10, 20, 60])).toEqual([0, 10, 20]);
  expect(ratesPerSecond([0, 1_000, 2_000, 3_000], [0, null, 20, 30])).toEqual([0, null, null, 10]);
});

test("a rise is interpolated between readings", () => {
  const atMs = [0, 1_000, 2_000, 3_000];
  expect(riseBetween(atMs, [0, 100, 200, 400], 500, 2_500)).toBe(250);
  expect(riseBetween(atMs, [0, null, 200, 400], 1_000, 3_000)).toBe(300);
  expect(riseBetween(atMs, [null, null, null, null], 0, 1_000)).toBeNull();
  expect(riseBetween(atMs, [0, 1, 2, 3], 2_000, 2_000)).toBeNull();
});
