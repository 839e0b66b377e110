import { STEP_NAMES, type StepName, type StepTimes } from "../result.ts";

/** An axis with a round end, and the distance of its ticks: 1, 2, 2.5 or 5 times a power of ten. */
export interface NiceScale {
  readonly end: number;
  readonly step: number;
}

/**
 * Computes the smallest round axis from 0 that contains a value.
 *
 * @param maxTicks The most ticks above 0.
 * @param minStep The least distance of ticks: 1 for whole numbers.
 */
export function niceScale(largest: number, maxTicks: number, minStep = 0): NiceScale {
  if (largest <= 0) return { end: 1, step: 1 };
  const raw = Math.max(minStep, largest / maxTicks);
  const power = 10 ** Math.floor(Math.log10(raw));
  const factor = [1, 2, 2.5, 5, 10].find((factor) => factor * power >= raw * (1 - 1e-9)) ?? 10;
  const step = Number((factor * power).toPrecision(12));
  return { end: Number((Math.ceil(largest / step - 1e-9) * step).toPrecision(12)), step };
}

const TIME_STEPS_SECONDS = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];

/** Computes the distance between ticks of a time axis, in seconds. */
export function timeStepSeconds(durationSeconds: number, maxTicks: number): number {
  return (
    TIME_STEPS_SECONDS.find((step) => durationSeconds / step <= maxTicks) ??
    Math.ceil(durationSeconds / maxTicks / 3600) * 3600
  );
}

/** A logarithmic axis of times that all steps share. */
export interface TimeScale {
  /** The position of a time on the axis, 0 to 100. */
  readonly percentOf: (ms: number) => number;
  /** The powers of ten on the axis, except those too close to its ends for a label. */
  readonly decades: readonly { readonly ms: number; readonly percent: number }[];
}

const DECADES_MS = [0.1, 1, 10, 100, 1000, 10_000];
/** The axis spans at least these times, so that the original's times fit. */
const LOWEST_MS = 0.4;
const HIGHEST_MS = 15;

/** Computes an axis that contains all measured times. */
export function timeScale(runs: readonly Readonly<Record<StepName, StepTimes>>[]): TimeScale {
  const measured = runs
    .flatMap((steps) => STEP_NAMES.map((name) => steps[name].fromSentMs))
    .filter(({ count }) => count > 0);
  const low = Math.min(LOWEST_MS, ...measured.map(({ p50Ms }) => Math.max(p50Ms, 0.01))) / 1.15;
  const high = Math.max(HIGHEST_MS, ...measured.map(({ maxMs }) => maxMs)) * 1.1;
  const percentOf = (ms: number) =>
    Math.min(100, (100 * Math.log(Math.max(ms, low) / low)) / Math.log(high / low));
  const decades = DECADES_MS.map((ms) => ({ ms, percent: percentOf(ms) })).filter(
    ({ percent }) => percent > 2 && percent < 92,
  );
  return { percentOf, decades };
}
