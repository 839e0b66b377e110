import { existsSync } from "node:fs";
import { type BundledProgram, bundleProgram } from "@live-stash/test-servers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { presetOf } from "../src/presets.ts";
import { runLab } from "../src/run-lab.ts";
import { startTopology } from "../src/topology/start-topology.ts";

const TEST_TIMEOUT_MS = 120_000;

let program: BundledProgram;
beforeAll(async () => {
  program = await bundleProgram(new URL("../src/app/main.ts", import.meta.url));
});
afterAll(() => program.close());

const topologyOf = (adapter: "memory" | "nats") =>
  startTopology({
    adapter,
    ttlMs: 60_000,
    code: { args: [program.path] },
    fault: undefined,
    maxConnections: 100,
  });

const isRunning = (pid: number): boolean => existsSync(`/proc/${pid}`);

test(
  "a topology alternates between its nodes, and leaves nothing behind",
  async () => {
    const topology = await topologyOf("nats");
    const { url, nodes, nginx, nats } = topology;
    const pids = [nginx.pid, ...nodes.map(({ pid }) => pid), ...(nats?.pids ?? [])];
    try {
      expect(pids).toHaveLength(6);
      expect(pids.every(isRunning)).toBe(true);
      for (const page of ["baseline", "nats", "baseline", "nats"]) {
        const response = await fetch(`${url}/bench/${page}`);
        expect(response.status).toBe(200);
        expect(await response.text()).toContain('<section id="card" data-status="new"');
      }
      expect((await fetch(`${url}/bench/redis`)).status).toBe(404);
    } finally {
      await topology.stop();
    }
    expect(pids.filter(isRunning)).toEqual([]);
    await expect(fetch(url)).rejects.toThrow("fetch failed");
  },
  TEST_TIMEOUT_MS,
);

test(
  "a run fails with the name of a node that ends, and stops the rest",
  async () => {
    const topology = await topologyOf("memory");
    const [first, second] = topology.nodes;
    try {
      process.kill(first?.pid ?? 0, "SIGKILL");
      await expect(topology.failed).rejects.toThrow("node-1 ended during the run");
    } finally {
      await topology.stop();
    }
    expect(isRunning(second?.pid ?? 0)).toBe(false);
  },
  TEST_TIMEOUT_MS,
);

test(
  "an interrupted run keeps its measurements, and is invalid",
  async () => {
    const stopping = new AbortController();
    const result = await runLab({
      adapters: ["baseline", "memory"],
      scenario: {
        preset: "test",
        ...presetOf(20, 20_000),
        lateShare: 0.1,
        seed: 1,
        workers: 1,
      },
      code: { args: [program.path] },
      withPrometheus: false,
      signal: stopping.signal,
      onReading({ load }) {
        if (load.counts.steps.firstRender > 0) stopping.abort();
      },
    });
    expect(result.isInterrupted).toBe(true);
    expect(result.runs.map(({ adapter }) => adapter)).toEqual(["baseline"]);
    const [run] = result.runs;
    expect(run?.counts.pageLoads).toBeGreaterThan(0);
    expect(run?.validity.reasons[0]).toMatch(/^The run was interrupted after \d+ s/);
    expect(run?.nodes[0]?.after).toBeNull();
  },
  TEST_TIMEOUT_MS,
);
