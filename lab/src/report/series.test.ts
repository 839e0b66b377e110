import { expect, it } from "vitest";
import { downsample, foldSamples, movingMean, valuesBetween, type Point } from "./series.ts";

it("two nodes are summed second by second, although their clocks differ by some milliseconds", () => {
  const sources = [
    { atMs: [1004, 2003, 2996], series: [1, 2, 3] },
    { atMs: [998, 2010, 3001], series: [10, 20, 30] },
  ];
  expect(foldSamples(sources, "sum")).toEqual([
    [1, 11],
    [2, 22],
    [3, 33],
  ]);
  expect(foldSamples(sources, "max").map(([, value]) => value)).toEqual([10, 20, 30]);
});

it("a second in which one node was not read is a gap, not a dip", () => {
  const sources = [
    { atMs: [1000, 2000, 3000], series: [1, null, 3] },
    { atMs: [1000, 2000], series: [1, 2] },
  ];
  expect(foldSamples(sources, "sum")).toEqual([
    [1, 2],
    [2, null],
    [3, null],
  ]);
});

it("valuesBetween() returns only the values of a stretch of time", () => {
  const points: readonly Point[] = [
    [1, 10],
    [2, null],
    [3, 30],
    [4, 40],
  ];
  expect(valuesBetween(points, 1000, 3000)).toEqual([10, 30]);
});

it("smoothing does not close gaps", () => {
  const points: readonly Point[] = [
    [1, 0],
    [2, 6],
    [3, null],
    [4, 3],
  ];
  expect(movingMean(points, 3)).toEqual([
    [1, 3],
    [2, 3],
    [3, null],
    [4, 3],
  ]);
});

it("thinning out keeps every peak and dip in far fewer points", () => {
  const points = Array.from({ length: 2700 }, (_, second): Point => [second, 10]);
  points[1234] = [1234, 99];
  points[2000] = [2000, 0];
  points[100] = [100, null];
  const drawn = downsample(points, 300);
  expect(drawn.length).toBeLessThanOrEqual(300);
  expect(drawn).toContainEqual([1234, 99]);
  expect(drawn).toContainEqual([2000, 0]);
  const seconds = drawn.map(([second]) => second);
  expect(seconds).toEqual(seconds.toSorted((a, b) => a - b));
});

it("thinning out keeps a gap as long as the stretch of one point", () => {
  const points = Array.from({ length: 1000 }, (_, second): Point => [
    second,
    second >= 400 && second < 500 ? null : 1,
  ]);
  expect(downsample(points, 100).some(([, value]) => value === null)).toBe(true);
});

it("thinning out leaves a short series unchanged", () => {
  const points: readonly Point[] = [
    [1, 1],
    [2, 2],
  ];
  expect(downsample(points, 2)).toBe(points);
});
