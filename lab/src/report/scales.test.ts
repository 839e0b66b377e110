import { expect, it } from "vitest";
import { niceScale, timeStepSeconds } from "./scales.ts";

it("an axis ends at a round number above the largest value", () => {
  expect(niceScale(13.2, 4)).toEqual({ end: 15, step: 5 });
  expect(niceScale(831_000, 4)).toEqual({ end: 1_000_000, step: 250_000 });
  expect(niceScale(0.3, 4)).toEqual({ end: 0.3, step: 0.1 });
  expect(niceScale(0, 4)).toEqual({ end: 1, step: 1 });
});

it("an axis of whole numbers has no fractional ticks", () => {
  expect(niceScale(2, 4, 1)).toEqual({ end: 2, step: 1 });
  expect(niceScale(1500, 4, 1)).toEqual({ end: 1500, step: 500 });
});

it("the time axis of any run has a handful of ticks", () => {
  for (const minutes of [1, 3, 15, 45, 600]) {
    const ticks = (minutes * 60) / timeStepSeconds(minutes * 60, 6);
    expect(ticks).toBeGreaterThan(2);
    expect(ticks).toBeLessThanOrEqual(6);
  }
});
