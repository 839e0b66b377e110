import { STEP_NAMES, type StepName, type StepTimes } from "../result.ts";

/** A logarithmic axis of times that all steps share. */
export interface TimeScale {
  /** Where a time lies, 0 to 100; times before the axis lie at its start. */
  readonly percentOf: (ms: number) => number;
  /** The powers of ten on it, but those too near to its ends for a label. */
  readonly decades: readonly { readonly ms: number; readonly percent: number }[];
}

const DECADES_MS = [0.1, 1, 10, 100, 1000, 10_000];
/** So far at least, for the original's times to have room. */
const LOWEST_MS = 0.4;
const HIGHEST_MS = 15;

/** The axis on which everything that was measured has room. */
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
