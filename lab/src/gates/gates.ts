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

/** CPU per cycle beside the baseline's in the same run. */
const MAX_OVERHEAD: readonly (readonly [AdapterName, number])[] = [
  ["memory", 1.15],
  ["browser", 1.15],
  ["redis", 1.25],
  ["nats", 1.35],
];
const MAX_BASELINE_CPU_MS = 1.2;
const MAX_REDIS_IN_BYTES = 1_200;
const MAX_REDIS_OUT_BYTES = 800;
const MAX_MEMORY_STASH_BYTES = 1_000;
/** A handle or timer for each view would double them; a node has a few of its own. */
const MAX_HANDLES_RATIO = 1.1;

/** Holds a result against what is promised. A gate of an adapter that did not run is left out. */
export function gatesOf({ runs }: LabResult): GateOutcome[] {
  const run = (adapter: AdapterName): AdapterRun | undefined =>
    runs.find((each) => each.adapter === adapter);
  const baseline = run("baseline");
  const gates: GateOutcome[] = [];
  if (baseline !== undefined) {
    const { cpuMs } = baseline.perCycle;
    gates.push(gate("Baseline: CPU per cycle", cpuMs, "ms", MAX_BASELINE_CPU_MS));
    for (const [adapter, atMost] of MAX_OVERHEAD) {
      const other = run(adapter);
      if (other === undefined) continue;
      const overhead = ratio(other.perCycle.cpuMs, cpuMs);
      gates.push(gate(`${adapter}: CPU per cycle ÷ baseline`, overhead, "times", atMost));
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
