import type { NodeSample } from "../app/node-sample.ts";
import type { LoadOutcome } from "../load/load-generator.ts";
import type { AdapterName, AdapterRun, Counts, PrometheusCheck } from "../result.ts";
import type { MeasuredRun } from "./findings.ts";
import { nodeRun } from "./node-run.ts";
import { perCycle, stashSize } from "./per-cycle.ts";
import type { Reading } from "./readings.ts";
import { round } from "./series.ts";
import { loadSamples, natsSamples, nginxSamples, serviceSamples } from "./service-run.ts";
import { invalidityReasons } from "./validity.ts";

/** The measurements of one adapter's run. */
export interface Observed {
  readonly adapter: AdapterName;
  readonly startedAt: Date;
  readonly durationMs: number;
  /** The planned time between the ramps. */
  readonly steady: AdapterRun["steady"];
  /** The nodes' names, in the order of the readings. */
  readonly nodes: readonly string[];
  readonly before: readonly NodeSample[];
  readonly after: readonly NodeSample[] | undefined;
  readonly readings: readonly Reading[];
  readonly outcome: LoadOutcome;
  readonly sourceAddresses: number;
  readonly prometheus: PrometheusCheck | null;
}

/** Converts one adapter's measurements into its part of the result. */
export function adapterRun(observed: Observed): MeasuredRun {
  const { readings, outcome, steady, durationMs } = observed;
  const cycleSteady = { fromMs: steady.fromMs, toMs: Math.min(steady.toMs, durationMs) };
  const run = {
    adapter: observed.adapter,
    startedAt: observed.startedAt.toISOString(),
    durationMs: round(durationMs),
    steady,
    nodes: observed.nodes.flatMap((name, index) => {
      const before = observed.before[index];
      if (before === undefined) return [];
      return [nodeRun(name, index, readings, before, observed.after?.[index])];
    }),
    redis: serviceSamples(readings, ({ redis }) => redis),
    nats: natsSamples(readings),
    nginx: nginxSamples(readings),
    load: {
      samples: loadSamples(readings),
      latenessMs: outcome.latenessMs,
      sourceAddresses: observed.sourceAddresses,
    },
    steps: outcome.steps,
    counts: countsOf(outcome),
    perCycle: perCycle(readings, outcome.counts, cycleSteady),
    stash: stashSize(readings, outcome.counts),
    prometheus: observed.prometheus,
    examples: outcome.counts.examples,
  };
  const reasons = invalidityReasons(run, readings);
  return { ...run, validity: { isValid: reasons.length === 0, reasons } };
}

function countsOf({ counts }: LoadOutcome): Counts {
  const { steps, outcomes, errors } = counts;
  return {
    pageLoads: steps.firstRender,
    connects: steps.connect,
    stashes: steps.stash,
    reconnects: steps.reconnect,
    ...outcomes,
    errors,
  };
}
