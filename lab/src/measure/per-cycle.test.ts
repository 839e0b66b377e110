import { expect, test } from "vitest";
import type { NodeSample } from "../app/node-sample.ts";
import type { LoadState } from "../load/load-generator.ts";
import { metricsText } from "./exporter.ts";
import { perCycle, stashSize } from "./per-cycle.ts";
import type { Reading } from "./readings.ts";

const counts: LoadState["counts"] = {
  steps: { firstRender: 60, connect: 60, stash: 500, reconnect: 440 },
  outcomes: { recovered: 400, expired: 40, lost: 0, revived: 0, wrong: 0 },
  errors: { "stash: timeout": 2 },
  examples: [],
  steadyCycles: 200,
  steadyPageLoads: 20,
  tokens: 500,
  tokenCharacters: 24_000,
};
const load: LoadState = { users: 50, connected: 10, counts, busiestWorkerPercent: 12 };

/** Creates the reading of a second in which each node took 100 ms of CPU, and so on. */
function reading(second: number): Reading {
  const node: NodeSample = {
    views: 5,
    sockets: 5,
    handles: 9,
    timers: 0,
    heapUsedBytes: 1,
    heapTotalBytes: 1,
    externalBytes: 1,
    rssBytes: 1,
    adapterBytes: 64_000 * second,
    adapterEntries: 100 * second,
    clientInBytes: 50_000 * second,
    clientOutBytes: 100_000 * second,
    interNodeInBytes: 9_000 * second,
    interNodeOutBytes: 10_000 * second,
    cpuMs: 100 * second,
    eventLoopDelayP50Ms: 0,
    eventLoopDelayP99Ms: 0,
    eventLoopDelayMaxMs: 0,
    gcPauseMs: 0,
    gcPauses: 0,
  };
  const redis = {
    inBytes: 120_000 * second,
    outBytes: 60_000 * second,
    storedBytes: 0,
    storedEntries: 0,
    cpuMs: 10 * second,
    rssBytes: 1,
  };
  return {
    atMs: 1_000 * second,
    nodes: [node, node],
    redis,
    nats: null,
    nginx: null,
    load,
    labCpuMs: 60 * second,
  };
}

const readings = [0, 1, 2, 3, 4].map(reading);

test("costs per cycle are both nodes' rises in the steady time, divided by its cycles", () => {
  expect(perCycle(readings, counts, { fromMs: 1_000, toMs: 3_000 })).toEqual({
    cycles: 200,
    pageLoads: 0.1,
    cpuMs: 2,
    clientInBytes: 1_000,
    clientOutBytes: 2_000,
    interNodeBytes: 200,
    redisInBytes: 1_200,
    redisOutBytes: 600,
    redisCpuMs: 0.1,
    natsInBytes: null,
    natsOutBytes: null,
    natsRouteBytes: null,
    natsCpuMs: null,
    nginxCpuMs: null,
    loadCpuMs: 0.6,
  });
});

test("without cycles there are no costs per cycle", () => {
  const none = { ...counts, steadyCycles: 0 };
  expect(perCycle(readings, none, { fromMs: 1_000, toMs: 3_000 }).cpuMs).toBeNull();
});

test("a stash has a size in its store and in the browser", () => {
  expect(stashSize(readings, counts)).toEqual({ storedBytes: 640, heldCharacters: 48 });
});

test("the exporter gives each service's figures their own metric names", () => {
  const text = metricsText("redis", reading(2));
  expect(text).toContain("lab_redis_in_bytes_total 240000\n");
  expect(text).toContain("lab_redis_rss_bytes 1\n");
  expect(metricsText("load", reading(2))).toContain("lab_load_recovered 400\n");
  expect(metricsText("load", reading(2))).toContain("lab_load_errors_total 2\n");
  expect(metricsText("nats", reading(2))).toBe("");
});
