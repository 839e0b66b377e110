import { steadyValues } from "../measure/validity.ts";
import type { AdapterName, AdapterRun, LabResult } from "../result.ts";

/** A ratio or an amount that must hold. */
export interface GateOutcome {
  readonly name: string;
  /** `null`: the result does not tell, which is not enough. */
  readonly value: number | null;
  readonly unit: "times" | "ms" | "bytes";
  readonly atMost: number;
  readonly holds: boolean;
}

interface Overhead {
  readonly adapter: AdapterName;
  /** What is wanted; a stash by hand does not reach it either (decisions/014). */
  readonly atMost: number;
  /** What was measured, and some noise: more than that is a step back. */
  readonly atMostSoFar: number;
}

/** CPU per cycle beside the baseline's in the same run. */
const OVERHEADS: readonly Overhead[] = [
  { adapter: "memory", atMost: 1.15, atMostSoFar: 2 },
  { adapter: "browser", atMost: 1.15, atMostSoFar: 1.7 },
  { adapter: "redis", atMost: 1.25, atMostSoFar: 2 },
  { adapter: "nats", atMost: 1.35, atMostSoFar: 2.5 },
];
/** What a stash adds to the baseline, beside what one by hand adds to the baseline of its own run. */
const MAX_BESIDE_BY_HAND = 4;
const MAX_BASELINE_CPU_MS = 1.2;
const MAX_REDIS_IN_BYTES = 1_200;
const MAX_REDIS_OUT_BYTES = 800;
const MAX_MEMORY_STASH_BYTES = 1_000;
/** A handle or timer for each view would double them; a node has a few of its own. */
const MAX_HANDLES_RATIO = 1.1;

/**
 * Holds what a stash adds to the baseline's CPU against what one by hand adds, in the control's run.
 * Empty if the two have no adapter in common, or one of them no baseline.
 */
export function gatesBeside(control: LabResult, result: LabResult): GateOutcome[] {
  return OVERHEADS.flatMap(({ adapter }) => {
    const [ours, byHand] = [addedBy(adapter, result), addedBy(adapter, control)];
    if (ours === undefined || byHand === undefined) return [];
    // A control that was not dearer than its baseline was measured too briefly to tell anything.
    const times = byHand !== null && byHand > 0 ? ratio(ours, byHand) : null;
    const name = `${adapter}: CPU that a stash adds ÷ one by hand`;
    return [gate(name, times, "times", MAX_BESIDE_BY_HAND)];
  });
}

/** The share of the baseline's CPU that comes on top; `undefined` if one of both did not run. */
function addedBy(adapter: AdapterName, { runs }: LabResult): number | null | undefined {
  const [baseline, run] = ["baseline", adapter].map((name) =>
    runs.find((each) => each.adapter === name),
  );
  if (baseline === undefined || run === undefined) return undefined;
  const times = ratio(run.perCycle.cpuMs, baseline.perCycle.cpuMs);
  return times === null ? null : times - 1;
}

/** Holds a result against what is promised. A gate of an adapter that did not run is left out. */
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

/** Handles and timers of all nodes in the steady time, for each open socket. */
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
