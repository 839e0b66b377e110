/** A round end for an axis, and the distance of its ticks: 1, 2, 2.5 or 5 times a power of ten. */
export interface NiceScale {
  readonly end: number;
  readonly step: number;
}

/**
 * The smallest round axis from 0 that holds a value.
 *
 * @param maxTicks above 0
 * @param minStep of things that come in wholes: 1
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

/** The distance between ticks of a time axis, in seconds. */
export function timeStepSeconds(durationSeconds: number, maxTicks: number): number {
  return (
    TIME_STEPS_SECONDS.find((step) => durationSeconds / step <= maxTicks) ??
    Math.ceil(durationSeconds / maxTicks / 3600) * 3600
  );
}
