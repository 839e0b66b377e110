// Checks the lab itself: it finds an injected fault, and finds nothing in a good application.
import { type BundledProgram, bundleProgram } from "@live-stash/test-servers";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Fault } from "../src/app/fault.ts";
import { presetOf } from "../src/presets.ts";
import type { AdapterName, AdapterRun, LabResult, Scenario } from "../src/result.ts";
import { runLab } from "../src/run-lab.ts";

const TEST_TIMEOUT_MS = 120_000;

let program: BundledProgram;
beforeAll(async () => {
  program = await bundleProgram(new URL("../src/app/main.ts", import.meta.url));
});
afterAll(() => program.close());

function scenario(changes: Partial<Scenario> = {}): Scenario {
  const times = presetOf(40, 1_500);
  return { preset: "test", ...times, lateShare: 0.1, seed: 1, workers: 1, ...changes };
}

function measure(
  adapters: readonly AdapterName[],
  fault: Fault | undefined,
  given: Scenario,
): Promise<LabResult> {
  return runLab({
    adapters,
    scenario: given,
    fault,
    code: { args: [program.path] },
    withPrometheus: fault === undefined,
    signal: new AbortController().signal,
  });
}

const codes = ({ findings }: AdapterRun): string[] => findings.map(({ code }) => code);

const runOf = ({ runs }: LabResult, adapter: AdapterName): AdapterRun => {
  const run = runs.find((each) => each.adapter === adapter);
  if (run === undefined) throw new Error(`The result has no run of ${adapter}.`);
  return run;
};

test(
  "the lab finds nothing in a good application, and measures every part",
  async () => {
    const result = await measure(["redis"], undefined, scenario());
    const { counts, nodes, redis, nginx, steps, perCycle, prometheus } = runOf(result, "redis");
    expect(codes(runOf(result, "redis"))).toEqual([]);
    expect(counts.errors).toEqual({});
    expect(counts.recovered).toBeGreaterThan(50);
    expect(counts.expired).toBeGreaterThan(0);
    expect(counts.recovered + counts.expired).toBe(counts.reconnects);
    expect(nodes.map(({ name }) => name)).toEqual(["node-1", "node-2"]);
    for (const node of nodes) {
      expect(Math.max(...node.samples.sockets.map(Number))).toBeGreaterThan(0);
      expect(node.samples.rssBytes.at(-1)).toBeGreaterThan(0);
      expect(node.after?.views).toBe(0);
    }
    expect(Math.max(...(redis?.inBytesPerSecond ?? []).map(Number))).toBeGreaterThan(0);
    expect(Math.max(...(nginx?.connections ?? []).map(Number))).toBeGreaterThan(0);
    expect(steps.reconnect.fromSentMs.p50Ms).toBeGreaterThan(0);
    expect(steps.reconnect.fromPlannedMs.p50Ms).toBeGreaterThanOrEqual(
      steps.reconnect.fromSentMs.p50Ms,
    );
    expect(perCycle.cpuMs).toBeGreaterThan(0);
    expect(perCycle.redisInBytes).toBeGreaterThan(0);
    expect(prometheus).toEqual({
      targets: ["node-1", "node-2", "redis", "nginx", "load"],
      targetsDown: [],
    });
  },
  TEST_TIMEOUT_MS,
);

test(
  "the control keeps the same state in the same stores without LiveStash",
  async () => {
    const result = await runLab({
      adapters: ["baseline", "memory", "browser", "redis", "nats"],
      scenario: scenario(),
      isByHand: true,
      code: { args: [program.path] },
      withPrometheus: false,
      signal: new AbortController().signal,
    });
    expect(result.stashing).toBe("by-hand");
    expect(result.failures).toBeUndefined();
    expect(result.runs).toHaveLength(5);
    for (const run of result.runs) {
      expect(codes(run)).toEqual([]);
      if (run.adapter === "baseline") continue;
      expect(run.counts.errors).toEqual({});
      expect(run.counts.recovered).toBeGreaterThan(50);
      expect(run.counts.expired).toBeGreaterThan(0);
    }
    // A UUID: LiveStash's tokens are longer.
    expect(runOf(result, "redis").stash.heldCharacters).toBe(36);
    expect(runOf(result, "memory").perCycle.interNodeBytes).toBeGreaterThan(0);
  },
  TEST_TIMEOUT_MS,
);

test(
  "the lab finds a delay of 20 ms in joins and events",
  async () => {
    const result = await measure(["baseline", "browser"], "slow", scenario());
    expect(codes(runOf(result, "baseline"))).toEqual([]);
    expect(codes(runOf(result, "browser"))).toEqual(["slow", "slow"]);
    expect(runOf(result, "browser").findings[0]?.text).toMatch(/^A stash takes .* than the base/);
  },
  TEST_TIMEOUT_MS,
);

test(
  "the lab finds a wrong value in 1 of 1,000 recoveries",
  async () => {
    const result = await measure(["browser"], "wrong", scenario({ users: 120 }));
    const run = runOf(result, "browser");
    expect(run.counts.wrong).toBeGreaterThan(0);
    expect(run.counts.wrong / run.counts.recovered).toBeLessThan(0.02);
    expect(codes(run)).toEqual(["wrong_value"]);
    expect(run.findings[0]?.text).toMatch(
      /The first: a return after 0\.\d+ TTL with count \d+ showed/,
    );
  },
  TEST_TIMEOUT_MS,
);

test(
  "the lab finds a timer that each view leaves behind",
  async () => {
    const result = await measure(["browser"], "leak", scenario());
    const { findings } = runOf(result, "browser");
    expect(findings.map(({ code }) => code)).toEqual(["leak", "leak"]);
    expect(findings[0]?.text).toMatch(/^node-1 had \d+ more timers/);
  },
  TEST_TIMEOUT_MS,
);
