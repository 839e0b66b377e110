import type { AdapterName, AdapterRun, LabResult } from "../../result.ts";
import { differingConditions } from "./differing-conditions.ts";
import { METRICS, type Measure, type Metric } from "./metrics.ts";
import { combineErrors } from "./noise.ts";

/** The meaning of a difference. Less is better for every metric. */
export type Change = "better" | "worse" | "same";

export interface ComparedMetric extends Pick<Metric, "group" | "name" | "unit"> {
  readonly a: number | null;
  readonly b: number | null;
  /** B divided by A; `null` if one is missing or A is 0. */
  readonly ratio: number | null;
  /** A ratio within this share of 1 is noise; `null` if any difference counts. */
  readonly noise: number | null;
  /** `null` if a value is missing, a run that the metric needs is invalid, or only one is a control. */
  readonly change: Change | null;
}

export interface ComparedAdapter {
  readonly adapter: AdapterName;
  readonly metrics: readonly ComparedMetric[];
}

export interface Comparison {
  readonly a: LabResult;
  readonly b: LabResult;
  /** The adapters that both runs have. */
  readonly adapters: readonly ComparedAdapter[];
  /** Reasons why differences may have another cause than the code. */
  readonly cautions: readonly string[];
}

/** Two standard errors: of twenty unchanged figures, one lies outside by chance. */
const NOISE_ERRORS = 2;

/** Compares two runs, figure by figure. */
export function compareResults(a: LabResult, b: LabResult): Comparison {
  const adapters = a.runs.flatMap((runOfA) => {
    const runOfB = b.runs.find(({ adapter }) => adapter === runOfA.adapter);
    if (runOfB === undefined) return [];
    const invalid = {
      run: !runOfA.validity.isValid || !runOfB.validity.isValid,
      baseline: hasInvalidBaseline(a) || hasInvalidBaseline(b),
    };
    const metrics = METRICS.map((metric) => {
      const compared = compareMetric(metric, metric.read(runOfA, a), metric.read(runOfB, b));
      const isIncomparable =
        a.stashing !== b.stashing || metric.needs.some((need) => invalid[need]);
      return isIncomparable ? { ...compared, change: null } : compared;
    }).filter((metric) => metric.a !== null || metric.b !== null);
    return [{ adapter: runOfA.adapter, metrics }];
  });
  return { a, b, adapters, cautions: cautions(a, b, adapters) };
}

/** Counts the figures that changed by more than noise. */
export function countChanges(comparison: Comparison, change: Change): number {
  return comparison.adapters.reduce(
    (sum, { metrics }) => sum + metrics.filter((metric) => metric.change === change).length,
    0,
  );
}

/** Counts the figures that both runs have but that cannot be compared, because a run is invalid. */
export function countIncomparable({ adapters }: Comparison): number {
  return adapters
    .flatMap(({ metrics }) => metrics)
    .filter(({ a, b, change }) => a !== null && b !== null && change === null).length;
}

function hasInvalidBaseline({ runs }: LabResult): boolean {
  return runs.some(({ adapter, validity }) => adapter === "baseline" && !validity.isValid);
}

function compareMetric(metric: Metric, a: Measure | null, b: Measure | null): ComparedMetric {
  const { group, name, unit, floor } = metric;
  const compared = { group, name, unit, a: a?.value ?? null, b: b?.value ?? null };
  if (a === null || b === null) return { ...compared, ratio: null, noise: null, change: null };
  const ratio = a.value === 0 ? null : b.value / a.value;
  if (floor === null || ratio === null) {
    return { ...compared, ratio, noise: null, change: direction(b.value - a.value) };
  }
  const noise = Math.max(floor, NOISE_ERRORS * combineErrors(a.error, b.error));
  const isNoise = ratio <= 1 + noise && ratio >= 1 / (1 + noise);
  return { ...compared, ratio, noise, change: isNoise ? "same" : direction(ratio - 1) };
}

function direction(difference: number): Change {
  if (difference === 0) return "same";
  return difference < 0 ? "better" : "worse";
}

function cautions(
  a: LabResult,
  b: LabResult,
  adapters: readonly ComparedAdapter[],
): readonly string[] {
  const baseline = adapters
    .find(({ adapter }) => adapter === "baseline")
    ?.metrics.find(({ name }) => name === "CPU per cycle");
  const missing = [...names(a), ...names(b)].filter(
    (name) => !adapters.some(({ adapter }) => adapter === name),
  );
  return [
    ...differingConditions(a, b),
    ...controlNotes(a, b),
    ...(baseline === undefined || baseline.change === "same" || baseline.change === null
      ? []
      : [
          "The baseline itself changed, and so did the machine or the runtime: compare the CPU over each run's own baseline.",
        ]),
    ...(missing.length === 0 ? [] : [`Only in one of the runs: ${missing.join(", ")}.`]),
    ...invalidNotes(a, "A"),
    ...invalidNotes(b, "B"),
  ];
}

function controlNotes(a: LabResult, b: LabResult): readonly string[] {
  const [ours, theirs] = [a, b].map(({ stashing }) =>
    stashing === undefined ? "LiveStash" : "a stash by hand",
  );
  if (ours !== theirs) return [`One of the runs is the control: ${ours} in A, ${theirs} in B.`];
  return a.stashing === undefined ? [] : ["Both are runs of the control, a stash by hand."];
}

function names({ runs }: LabResult): readonly AdapterName[] {
  return runs.map(({ adapter }) => adapter);
}

function invalidNotes({ isInterrupted, runs }: LabResult, name: string): readonly string[] {
  const invalid = runs.filter(({ validity }: AdapterRun) => !validity.isValid);
  return [
    ...(isInterrupted ? [`${name} was interrupted.`] : []),
    ...invalid.map(
      ({ adapter, validity }) => `Invalid in ${name}: ${adapter}. ${validity.reasons.join(" ")}`,
    ),
  ];
}
