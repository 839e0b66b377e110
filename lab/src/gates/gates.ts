import { steadyValues } from "../measure/validity.ts";
import type { AdapterName, AdapterRun, LabResult } from "../result.ts";

/** A limit on a ratio or an amount, and whether a result keeps it. */
export interface GateOutcome {
  readonly name: string;
  /** `null`: the result does not have it, so the gate does not hold. */
  readonly value: number | null;
  readonly unit: "times" | "ms" | "bytes";
  readonly atMost: number;
  readonly holds: boolean;
}

interface Overhead {
  readonly adapter: AdapterName;
  /** The goal. A stash by hand does not reach it either (decisions/014). */
  readonly atMost: number;
  /** The measured ratio plus noise. A higher ratio is a step back. */
  readonly atMostSoFar: number;
}

/** Limits on the CPU per cycle, divided by the baseline's in the same run. */
const OVERHEADS: readonly Overhead[] = [
  { adapter: "memory", atMost: 1.15, atMostSoFar: 2 },
  { adapter: "browser", atMost: 1.15, atMostSoFar: 1.7 },
  { adapter: "redis", atMost: 1.25, atMostSoFar: 2 },
  { adapter: "nats", atMost: 1.35, atMostSoFar: 2.5 },
];
/** The limit on the CPU that a stash adds to its baseline, divided by what one by hand adds to its own. */
const MAX_BESIDE_BY_HAND = 4;
const MAX_BASELINE_CPU_MS = 1.2;
const MAX_REDIS_IN_BYTES = 1_200;
const MAX_REDIS_OUT_BYTES = 800;
const MAX_MEMORY_STASH_BYTES = 1_000;
/** One handle or timer for each view would double the ratio; the margin is for a node's own few. */
const MAX_HANDLES_RATIO = 1.1;

/**
 * Compares the CPU that a stash adds to the baseline with what a stash by hand adds in the control's
 * run. Returns no gates if the two have no adapter in common, or one has no baseline.
 */
export function gatesBeside(control: LabResult, result: LabResult): GateOutcome[] {
  return OVERHEADS.flatMap(({ adapter }) => {
    const [ours, byHand] = [addedBy(adapter, result), addedBy(adapter, control)];
    if (ours === undefined || byHand === undefined) return [];
    // A control that costs no more than its baseline was measured too briefly.
    const times = byHand !== null && byHand > 0 ? ratio(ours, byHand) : null;
    const name = `${adapter}: CPU that a stash adds ÷ one by hand`;
    return [gate(name, times, "times", MAX_BESIDE_BY_HAND)];
  });
}

/** The CPU that a stash adds, as a share of the baseline's; `undefined` if one of the two did not run. */
function addedBy(adapter: AdapterName, { runs }: LabResult): number | null | undefined {
  const [baseline, run] = ["baseline", adapter].map((name) =>
    runs.find((each) => each.adapter === name),
  );
  if (baseline === undefined || run === undefined) return undefined;
  const times = ratio(run.perCycle.cpuMs, baseline.perCycle.cpuMs);
  return times === null ? null : times - 1;
}

/** Checks a result against the gates. Adapters that did not run have none. */
export function gatesOf({ runs }: LabResult): GateOutcome[] {
  const run = (adapter: AdapterName): AdapterRun | undefined =>
    runs.find((each) => each.adapter === adapter);
  const baseline = run("baseline");
  const gates: GateOutcome[] = [];
  if (baseline !== undefined) {
    const { cpuMs } = baseline.perCycle;
    gates.push(gate("Baseline: CPU per cycle", cpuMs, "ms", MAX_BASELINE_CPU_MS));
    for (const { adapter, atMost, atMostSoFar } of OVERHEADS) {
      const other = run(adapter);
      if (other === undefined) continue;
      const overhead = ratio(other.perCycle.cpuMs, cpuMs);
      const name = `${adapter}: CPU per cycle ÷ baseline`;
      gates.push(gate(name, overhead, "times", atMost));
      gates.push(gate(`${name}, no step back`, overhead, "times", atMostSoFar));
      const handles = ratio(handlesPerSocket(other), handlesPerSocket(baseline));
      gates.push(
        gate(
          `${adapter}: handles and timers per socket ÷ baseline`,
          handles,
          "times",
          MAX_HANDLES_RATIO,
        ),
      );
    }
  }
  const redis = run("redis")?.perCycle;
  if (redis !== undefined) {
    gates.push(gate("redis: bytes in per cycle", redis.redisInBytes, "bytes", MAX_REDIS_IN_BYTES));
    gates.push(
      gate("redis: bytes out per cycle", redis.redisOutBytes, "bytes", MAX_REDIS_OUT_BYTES),
    );
  }
  const memory = run("memory");
  if (memory !== undefined) {
    const { storedBytes } = memory.stash;
    gates.push(gate("memory: bytes per stash", storedBytes, "bytes", MAX_MEMORY_STASH_BYTES));
  }
  return gates;
}

function gate(
  name: string,
  value: number | null,
  unit: GateOutcome["unit"],
  atMost: number,
): GateOutcome {
  return { name, value, unit, atMost, holds: value !== null && value <= atMost };
}

const ratio = (one: number | null, other: number | null): number | null =>
  one === null || other === null || other === 0 ? null : one / other;

/** Divides the handles and timers of all nodes in the steady time by the number of open sockets. */
function handlesPerSocket({ nodes, steady }: AdapterRun): number | null {
  const total = { handles: 0, sockets: 0 };
  for (const { samples } of nodes) {
    const sum = (series: AdapterRun["nodes"][number]["samples"]["handles"]): number =>
      steadyValues(samples.atMs, series, steady).reduce((all, value) => all + value, 0);
    total.handles += sum(samples.handles) + sum(samples.timers);
    total.sockets += sum(samples.sockets);
  }
  return ratio(total.handles, total.sockets);
}

const SUFFIX = { times: "×", ms: " ms", bytes: " B" } as const;

/** Formats one gate per line, aligned, and counts those that hold. */
export function formatGates(gates: readonly GateOutcome[]): string {
  const width = Math.max(0, ...gates.map(({ name }) => name.length));
  const lines = gates.map(({ name, value, unit, atMost, holds }) => {
    const shown =
      value === null ? "not measured" : `${Number(value.toPrecision(3))}${SUFFIX[unit]}`;
    const limit = `at most ${atMost}${SUFFIX[unit]}`;
    return `${name.padEnd(width)}  ${shown.padStart(9)}  ${limit.padEnd(15)}  ${holds ? "holds" : "DOES NOT HOLD"}`;
  });
  const holding = gates.filter(({ holds }) => holds).length;
  return [...lines, "", `${holding} of ${gates.length} gates hold.`].join("\n");
}
