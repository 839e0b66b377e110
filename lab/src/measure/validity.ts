import type { AdapterRun, Series } from "../result.ts";
import type { Reading } from "./readings.ts";

/** If steps start later than this, the generator's own delay distorts the round trips. */
const MAX_LATENESS_P99_MS = 10;
/** In a second that is busier than this, steps wait for each other in the generator. */
const BUSY_PERCENT = 90;
/** Share of busy seconds tolerated; above it, the load generator is considered the bottleneck. */
const MAX_BUSY_SHARE = 0.05;

/** Returns the reasons why a run's figures must not be used; none if the run is valid. */
export function invalidityReasons(
  run: Pick<AdapterRun, "load" | "perCycle" | "steady" | "durationMs">,
  readings: readonly Reading[],
): string[] {
  const { load, perCycle, steady, durationMs } = run;
  const reasons: string[] = [];
  if (durationMs < steady.toMs) {
    reasons.push(
      `The run was interrupted after ${seconds(durationMs)}; the time to measure ends at ` +
        `${seconds(steady.toMs)}.`,
    );
  }
  if (perCycle.cycles === 0) {
    reasons.push("No cycle was completed between the ramps, so nothing could be measured.");
  }
  if (load.latenessMs.p99Ms > MAX_LATENESS_P99_MS) {
    reasons.push(
      `The load generator was late: 1 % of its steps began more than ` +
        `${load.latenessMs.p99Ms.toFixed(1)} ms late (at most ${MAX_LATENESS_P99_MS} ms). ` +
        `Use fewer users, more cores, or leave the machine alone.`,
    );
  }
  const busy = steadyValues(load.samples.atMs, load.samples.busiestWorkerPercent, steady);
  const tooBusy = busy.filter((percent) => percent > BUSY_PERCENT).length;
  if (busy.length > 0 && tooBusy / busy.length > MAX_BUSY_SHARE) {
    reasons.push(
      `The load generator was the bottleneck: a thread of it was busy for more than ` +
        `${BUSY_PERCENT} % in ${tooBusy} of ${busy.length} seconds. Use more --workers, or fewer users.`,
    );
  }
  const gaps = readings.filter(({ nodes }) => nodes.includes(null)).length;
  if (gaps > 0) {
    reasons.push(`A node did not answer in ${gaps} of ${readings.length} seconds.`);
  }
  return reasons;
}

/** Returns a series' values between the ramps. */
export function steadyValues(
  atMs: readonly number[],
  series: Series,
  { fromMs, toMs }: AdapterRun["steady"],
): number[] {
  return series.filter((value, index): value is number => {
    const at = atMs[index] ?? 0;
    return value !== null && at >= fromMs && at <= toMs;
  });
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(0)} s`;
