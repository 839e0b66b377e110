import type { AdapterRun, LabResult, NodeSamples, PerCycle, StepName } from "../../result.ts";
import type { Unit } from "../quantity.ts";
import { foldSamples, mean, valuesBetween, type Point } from "../series.ts";
import { errorCount } from "../verdict.ts";
import {
  combineErrors,
  meanError,
  perCycleError,
  quantileError,
  type ErrorShare,
  type Quantile,
} from "./noise.ts";

/** A figure of one run with its estimated error. */
export interface Measure {
  readonly value: number;
  readonly error: ErrorShare;
}

/** A figure by which two runs are compared. Less is better. */
export interface Metric {
  readonly group: "CPU" | "Round trips" | "Bytes" | "Memory" | "Returns";
  readonly name: string;
  readonly unit: Unit | "times";
  /**
   * The smallest significant difference, as a share: two runs of the same code on the same machine differ
   * by as much for reasons that no sample shows. `null`: any difference counts.
   */
  readonly floor: number | null;
  /** The runs that must be valid for the figure to mean anything. Counts are right in any run. */
  readonly needs: readonly ("run" | "baseline")[];
  /** Reads the figure; returns `null` if the run does not have it. */
  readonly read: (run: AdapterRun, result: LabResult) => Measure | null;
}

const MACHINE_FLOOR = 0.05;
const TAIL_FLOOR = 0.1;
const BYTES_FLOOR = 0.02;

type NodeSeries = Exclude<keyof NodeSamples, "atMs">;

function nodeSum(run: AdapterRun, series: NodeSeries): readonly Point[] {
  const sources = run.nodes.map(({ samples }) => ({ atMs: samples.atMs, series: samples[series] }));
  return foldSamples(sources, "sum");
}

function cpu(run: AdapterRun): Measure | null {
  const { cpuMs } = run.perCycle;
  if (cpuMs === null) return null;
  return { value: cpuMs, error: perCycleError(nodeSum(run, "cpuPercent"), run) };
}

function overBaseline(run: AdapterRun, { runs }: LabResult): Measure | null {
  const baseline = runs.find(({ adapter }) => adapter === "baseline");
  if (baseline === undefined || run.adapter === "baseline") return null;
  const [own, base] = [cpu(run), cpu(baseline)];
  if (own === null || base === null || base.value === 0) return null;
  return { value: own.value / base.value, error: combineErrors(own.error, base.error) };
}

function bytes(name: string, key: keyof PerCycle, series: NodeSeries | null): Metric {
  return {
    group: "Bytes",
    name: `${name}, per cycle`,
    unit: "bytes",
    floor: BYTES_FLOOR,
    needs: ["run"],
    read: (run) => {
      const value = run.perCycle[key];
      if (value === null) return null;
      return { value, error: series === null ? 0 : perCycleError(nodeSum(run, series), run) };
    },
  };
}

function exact(
  group: Metric["group"],
  name: string,
  unit: Metric["unit"],
  read: (run: AdapterRun) => number | null,
): Metric {
  const measure = (value: number | null) => (value === null ? null : { value, error: 0 });
  return {
    group,
    name,
    unit,
    floor: group === "Returns" ? null : BYTES_FLOOR,
    needs: [],
    read: (run) => measure(read(run)),
  };
}

const STEP_LABELS: Readonly<Record<StepName, string>> = {
  firstRender: "first render",
  connect: "connect",
  stash: "stash",
  reconnect: "reconnect",
};

const QUANTILES: readonly Quantile[] = ["p50Ms", "p95Ms", "p99Ms"];

function roundTrips(step: StepName): readonly Metric[] {
  return QUANTILES.map((quantile) => ({
    group: "Round trips",
    name: `${STEP_LABELS[step]}, ${quantile.slice(0, 3)}`,
    unit: "ms",
    floor: quantile === "p99Ms" ? TAIL_FLOOR : MACHINE_FLOOR,
    needs: ["run"],
    read: (run) => {
      const times = run.steps[step].fromSentMs;
      if (times.count === 0) return null;
      return { value: times[quantile], error: quantileError(times, quantile) };
    },
  }));
}

function memory(name: string, series: NodeSeries): Metric {
  return {
    group: "Memory",
    name,
    unit: "bytes",
    floor: MACHINE_FLOOR,
    needs: ["run"],
    read: (run) => {
      const points = nodeSum(run, series);
      const value = mean(valuesBetween(points, run.steady.fromMs, run.steady.toMs));
      return value === null ? null : { value, error: meanError(points, run) };
    },
  };
}

/** All metrics, the most important first. */
export const METRICS: readonly Metric[] = [
  {
    group: "CPU",
    name: "CPU per cycle",
    unit: "ms",
    floor: MACHINE_FLOOR,
    needs: ["run"],
    read: cpu,
  },
  {
    group: "CPU",
    name: "CPU over the run's own baseline",
    unit: "times",
    floor: MACHINE_FLOOR,
    needs: ["run", "baseline"],
    read: overBaseline,
  },
  ...(["firstRender", "connect", "stash", "reconnect"] as const).flatMap(roundTrips),
  bytes("in from clients", "clientInBytes", "clientInBytesPerSecond"),
  bytes("out to clients", "clientOutBytes", "clientOutBytesPerSecond"),
  bytes("between nodes", "interNodeBytes", "interNodeOutBytesPerSecond"),
  bytes("into Redis", "redisInBytes", null),
  bytes("out of Redis", "redisOutBytes", null),
  bytes("into NATS", "natsInBytes", null),
  bytes("out of NATS", "natsOutBytes", null),
  bytes("between NATS servers", "natsRouteBytes", null),
  exact("Bytes", "one stash, stored", "bytes", ({ stash }) => stash.storedBytes),
  exact("Bytes", "token of the page, characters", "count", ({ stash }) => stash.heldCharacters),
  memory("heap in use, both nodes", "heapUsedBytes"),
  memory("RSS, both nodes", "rssBytes"),
  exact("Returns", "lost", "count", ({ counts }) => counts.lost),
  exact("Returns", "revived", "count", ({ counts }) => counts.revived),
  exact("Returns", "wrong", "count", ({ counts }) => counts.wrong),
  exact("Returns", "errors", "count", errorCount),
];
