import { expect, test } from "vitest";
import { Durations } from "./durations.ts";

test("percentiles include durations that another thread added", () => {
  const here = new Durations();
  const there = new Durations();
  for (let ms = 1; ms <= 50; ms += 1) here.add(ms);
  for (let ms = 51; ms <= 100; ms += 1) there.add(ms);
  here.merge(there.encode());
  const times = here.summary();
  expect(times.count).toBe(100);
  expect(times.p50Ms).toBeCloseTo(50, 0);
  expect(times.p99Ms).toBeCloseTo(99, 0);
  expect(times.maxMs).toBeCloseTo(100, 0);
  expect(times.meanMs).toBeCloseTo(50.5, 0);
});

test("a summary of no durations is all zero", () => {
  expect(new Durations().summary()).toEqual({
    count: 0,
    meanMs: 0,
    p50Ms: 0,
    p95Ms: 0,
    p99Ms: 0,
    maxMs: 0,
  });
});
