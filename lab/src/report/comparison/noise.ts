import type { AdapterRun, Times } from "../../result.ts";
import { foldSamples, mean, valuesBetween, type Point } from "../series.ts";

/**
 * The standard error of a figure as a share of the figure, estimated from the samples of one run: the
 * difference to expect if the same code were measured again.
 */
export type ErrorShare = number;

const BLOCKS = 10;

/**
 * Estimates the error of a series' mean over the steady time. Successive seconds are correlated, the
 * means of ten blocks hardly are, so the spread of those means is used.
 */
export function meanError(points: readonly Point[], run: AdapterRun): ErrorShare {
  const values = valuesBetween(points, run.steady.fromMs, run.steady.toMs);
  const size = Math.max(1, Math.floor(values.length / BLOCKS));
  const blocks = Array.from({ length: Math.floor(values.length / size) }, (_, index) =>
    mean(values.slice(index * size, (index + 1) * size)),
  ).filter((value) => value !== null);
  return standardError(blocks);
}

/** Estimates the error of a cost per cycle: its rate divided by the rate of cycles, second by second. */
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

/** With fewer values above it, a quantile depends on single outliers. */
const FEWEST_ABOVE = 10;

/**
 * Estimates the error of a quantile: the error of the share below it, divided by the density of values
 * there. The density is estimated from the neighbouring quantiles, rather too low than too high. The
 * error is infinite if too few values lie above the quantile.
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

/** Combines the errors of independent figures into that of their quotient or product. */
export function combineErrors(...errors: readonly ErrorShare[]): ErrorShare {
  return Math.hypot(...errors);
}

function standardError(values: readonly number[]): ErrorShare {
  const middle = mean(values);
  if (middle === null || middle === 0 || values.length < 2) return 0;
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1) / values.length) / Math.abs(middle);
}
