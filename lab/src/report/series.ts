import type { Series } from "../result.ts";

/** Seconds since the run's start, and a value; `null` is a gap. */
export type Point = readonly [second: number, value: number | null];

/** The operation that combines the values of several nodes in one second. */
export type Fold = "sum" | "max";

export interface Samples {
  readonly atMs: readonly number[];
  readonly series: Series;
}

/**
 * Combines the samples of several sources on one axis of whole seconds. A second that one source missed
 * is a gap, because the sum of the others would look like a dip.
 */
export function foldSamples(sources: readonly Samples[], fold: Fold): readonly Point[] {
  const rows = sources.map(bySecond);
  const seconds = new Set(rows.flatMap((row) => [...row.keys()]));
  return [...seconds]
    .toSorted((a, b) => a - b)
    .map((second) => {
      const values = rows.map((row) => row.get(second) ?? null);
      return [second, foldValues(values, fold)];
    });
}

function bySecond({ atMs, series }: Samples): ReadonlyMap<number, number | null> {
  return new Map(atMs.map((ms, index) => [Math.round(ms / 1000), series[index] ?? null]));
}

function foldValues(values: readonly (number | null)[], fold: Fold): number | null {
  const known = values.filter((value) => value !== null);
  if (known.length < values.length || known.length === 0) return null;
  return fold === "sum" ? known.reduce((sum, value) => sum + value, 0) : Math.max(...known);
}

/** Returns the values from one second to another, both included, without gaps. */
export function valuesBetween(
  points: readonly Point[],
  fromMs: number,
  toMs: number,
): readonly number[] {
  return points.flatMap(([second, value]) =>
    value !== null && second * 1000 >= fromMs && second * 1000 <= toMs ? [value] : [],
  );
}

export function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function largest(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((max, value) => Math.max(max, value));
}

/** Averages the seconds around each point. Gaps stay gaps. */
export function movingMean(points: readonly Point[], windowSeconds: number): readonly Point[] {
  const reach = Math.floor(windowSeconds / 2);
  return points.map(([second, value], index) => {
    if (value === null) return [second, null];
    const near = points.slice(Math.max(0, index - reach), index + reach + 1);
    return [second, mean(near.flatMap(([, value]) => (value === null ? [] : [value])))];
  });
}

/**
 * Thins out a series but keeps every peak and dip: of each stretch of time, the smallest and the largest
 * value remain in their order.
 */
export function downsample(points: readonly Point[], maxPoints: number): readonly Point[] {
  if (points.length <= maxPoints) return points;
  const stretches = Math.floor(maxPoints / 2);
  return Array.from({ length: stretches }, (_, index) => {
    const from = Math.floor((index * points.length) / stretches);
    const to = Math.floor(((index + 1) * points.length) / stretches);
    return extremes(points.slice(from, to));
  }).flat();
}

function extremes(stretch: readonly Point[]): readonly Point[] {
  const known = stretch.filter(([, value]) => value !== null);
  const [first] = known;
  if (first === undefined) return stretch.slice(0, 1);
  let low = first;
  let high = first;
  for (const point of known) {
    if (Number(point[1]) < Number(low[1])) low = point;
    if (Number(point[1]) > Number(high[1])) high = point;
  }
  if (low === high) return [low];
  return low[0] < high[0] ? [low, high] : [high, low];
}
