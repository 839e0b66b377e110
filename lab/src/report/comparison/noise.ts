import type { AdapterRun, Times } from "../../result.ts";
import { foldSamples, mean, valuesBetween, type Point } from "../series.ts";

/**
 * How much a figure would differ if the same were measured again: its standard error as a share of
 * itself, as far as the samples of one run can tell.
 */
export type ErrorShare = number;

const BLOCKS = 10;

/**
 * Of the mean of a series over the steady time. Seconds that follow each other resemble each other;
 * the means of ten stretches do so much less, so their spread is what counts.
 */
export function meanError(points: readonly Point[], run: AdapterRun): ErrorShare {
  const values = valuesBetween(points, run.steady.fromMs, run.steady.toMs);
  const size = Math.max(1, Math.floor(values.length / BLOCKS));
  const blocks = Array.from({ length: Math.floor(values.length / size) }, (_, index) =>
    mean(values.slice(index * size, (index + 1) * size)),
  ).filter((value) => value !== null);
  return standardError(blocks);
}

/** Of something for each cycle: its rate divided by that of cycles, second by second. */
export function perCycleError(rate: readonly Point[], run: AdapterRun): ErrorShare {
  const { atMs, cyclesPerSecond } = run.load.samples;
  const cycles = new Map(foldSamples([{ atMs, series: cyclesPerSecond }], "sum"));
  const quotients = rate.map(([second, value]): Point => {
    const count = cycles.get(second) ?? null;
    return [second, value === null || count === null || count === 0 ? null : value / count];
  });
  return meanError(quotients, run);
}

export type Quantile = "p50Ms" | "p95Ms" | "p99Ms";

/** With fewer values above it, a quantile is the tale of those few. */
const FEWEST_ABOVE = 10;

/**
 * Of a quantile: the error of the share below it, divided by how densely the values lie there, which
 * the neighbouring quantiles tell roughly and rather too low than too high. Infinite if too few
 * values lie above it.
 */
export function quantileError(times: Times, quantile: Quantile): ErrorShare {
  const { count, p50Ms, p95Ms, p99Ms } = times;
  const value = times[quantile];
  if (count === 0 || value === 0) return 0;
  const { share, between, width } = {
    p50Ms: { share: 0.5, between: 0.45, width: p95Ms - p50Ms },
    p95Ms: { share: 0.95, between: 0.49, width: p99Ms - p50Ms },
    p99Ms: { share: 0.99, between: 0.04, width: p99Ms - p95Ms },
  }[quantile];
  if (count * (1 - share) < FEWEST_ABOVE) return Number.POSITIVE_INFINITY;
  const errorOfShare = Math.sqrt((share * (1 - share)) / count);
  return (errorOfShare * width) / between / value;
}

/** Of a quotient or product of independent figures. */
export function combineErrors(...errors: readonly ErrorShare[]): ErrorShare {
  return Math.hypot(...errors);
}

function standardError(values: readonly number[]): ErrorShare {
  const middle = mean(values);
  if (middle === null || middle === 0 || values.length < 2) return 0;
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1) / values.length) / Math.abs(middle);
}
