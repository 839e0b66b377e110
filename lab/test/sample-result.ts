import { createRandom, type Random } from "@live-stash/test-servers/random";
import {
  ADAPTER_NAMES,
  RESULT_FORMAT,
  type AdapterName,
  type AdapterRun,
  type LabResult,
  type NodeRest,
  type NodeRun,
  type ServiceSamples,
  type StepTimes,
  type Times,
} from "../src/result.ts";

/** Invented costs that differ by adapter, so that charts and tables have something to show. */
const COSTS: Readonly<Record<AdapterName, { cpuMs: number; inBytes: number; outBytes: number }>> = {
  baseline: { cpuMs: 1.05, inBytes: 2080, outBytes: 2790 },
  memory: { cpuMs: 1.16, inBytes: 2300, outBytes: 2900 },
  browser: { cpuMs: 1.19, inBytes: 3900, outBytes: 4050 },
  redis: { cpuMs: 1.29, inBytes: 2290, outBytes: 2910 },
  nats: { cpuMs: 1.4, inBytes: 2295, outBytes: 2905 },
};

interface SampleOptions {
  readonly seed?: number;
  readonly durationSeconds?: number;
  readonly users?: number;
  /** Multiplies CPU and round trips. */
  readonly slowness?: number;
}

/**
 * Creates an invented result, for tests and for looking at the report. Nothing in the result was
 * measured, which its machine's name says.
 */
export function sampleResult({
  seed = 7,
  durationSeconds = 60,
  users = 2000,
  slowness = 1,
}: SampleOptions = {}): LabResult {
  const random = createRandom(seed);
  return {
    format: RESULT_FORMAT,
    startedAt: "2026-11-24T12:00:00.000Z",
    finishedAt: "2026-11-24T12:09:30.000Z",
    isInterrupted: false,
    machine: {
      cpuModel: "Invented by a test, not measured",
      cpuCount: 2,
      memoryBytes: 8_123_456_789,
      system: "Linux 6.1.0 x64",
    },
    versions: { node: "20.20.0", nginx: "1.22.1", "redis-server": "7.0.15" },
    commit: { hash: "0000000000000000000000000000000000000000", isDirty: true },
    scenario: {
      preset: "sample",
      users,
      ttlMs: (durationSeconds / 3) * 1000,
      durationMs: durationSeconds * 1000,
      rampUpMs: durationSeconds * 250,
      rampDownMs: durationSeconds * 250,
      lateShare: 0.25,
      seed,
      workers: 1,
    },
    runs: ADAPTER_NAMES.map((name) => run(name, { random, durationSeconds, users, slowness })),
  };
}

interface Making {
  readonly random: Random;
  readonly durationSeconds: number;
  readonly users: number;
  readonly slowness: number;
}

function run(adapter: AdapterName, making: Making): AdapterRun {
  const { random, durationSeconds, users, slowness } = making;
  const cost = COSTS[adapter];
  const atMs = seconds(making);
  const rate = users / 12;
  const wave = (level: number, jitter = 0.1) =>
    atMs.map((ms) => level * ramp(ms / 1000, making) * random.between(1 - jitter, 1 + jitter));
  const service = (inBytes: number, outBytes: number): ServiceSamples => ({
    atMs,
    inBytesPerSecond: wave(inBytes * rate),
    outBytesPerSecond: wave(outBytes * rate),
    storedBytes: wave(users * 1300),
    cpuPercent: wave(8),
    rssBytes: wave(12e6, 0.01),
  });
  const ms = slowness * (cost.cpuMs / 1.05);
  const cycles = Math.round(rate * durationSeconds * 0.5);
  return {
    adapter,
    startedAt: "2026-11-24T12:00:05.000Z",
    durationMs: durationSeconds * 1000,
    steady: { fromMs: durationSeconds * 250, toMs: durationSeconds * 750 },
    nodes: ["node-1", "node-2"].map((name) => node(name, adapter, making)),
    redis: adapter === "redis" ? service(1080, 690) : null,
    nats:
      adapter === "nats"
        ? { ...service(1900, 1400), routeBytesPerSecond: wave(4100 * rate, 0.2) }
        : null,
    nginx: { atMs, connections: wave(users), cpuPercent: wave(9), rssBytes: wave(9e6, 0.01) },
    load: {
      samples: {
        atMs,
        users: wave(users, 0),
        connected: wave(users * 0.6, 0.01),
        cyclesPerSecond: wave(rate, 0.06),
        errorsPerSecond: atMs.map(() => 0),
        cpuPercent: wave(31),
        busiestWorkerPercent: wave(38),
      },
      latenessMs: times(cycles * 3, 0.2),
      sourceAddresses: 1,
    },
    steps: {
      firstRender: step(cycles, 1.1 * ms),
      connect: step(cycles, 1.3 * ms),
      stash: step(cycles, 0.5 * ms),
      reconnect: step(cycles, 1.6 * ms),
    },
    counts: {
      pageLoads: cycles,
      connects: cycles,
      stashes: cycles * 2,
      reconnects: cycles,
      recovered: adapter === "baseline" ? 0 : Math.round(cycles * 0.75),
      expired: adapter === "baseline" ? 0 : Math.round(cycles * 0.25),
      lost: 0,
      revived: 0,
      wrong: 0,
      errors: {},
    },
    perCycle: {
      cycles,
      pageLoads: 1,
      cpuMs: cost.cpuMs * slowness,
      clientInBytes: cost.inBytes,
      clientOutBytes: cost.outBytes,
      interNodeBytes: adapter === "memory" ? 1510 : 0,
      redisInBytes: adapter === "redis" ? 1080 : null,
      redisOutBytes: adapter === "redis" ? 690 : null,
      redisCpuMs: adapter === "redis" ? 0.09 : null,
      natsInBytes: adapter === "nats" ? 1900 : null,
      natsOutBytes: adapter === "nats" ? 1400 : null,
      natsRouteBytes: adapter === "nats" ? 4100 : null,
      natsCpuMs: adapter === "nats" ? 0.4 : null,
      nginxCpuMs: 0.3,
      loadCpuMs: 0.9,
    },
    stash: {
      storedBytes: adapter === "baseline" || adapter === "browser" ? null : 930,
      heldCharacters: adapter === "baseline" ? null : adapter === "browser" ? 1310 : 220,
    },
    validity: { isValid: true, reasons: [] },
    findings: [],
    prometheus: { targets: ["node-1", "node-2", "nginx"], targetsDown: [] },
  };
}

function node(name: string, adapter: AdapterName, making: Making): NodeRun {
  const { random, users, slowness } = making;
  const cost = COSTS[adapter];
  const atMs = seconds(making);
  const rate = users / 24;
  const wave = (level: number, jitter = 0.1, rest = 0) =>
    atMs.map((ms) =>
      Math.max(0, rest + level * ramp(ms / 1000, making) * random.between(1 - jitter, 1 + jitter)),
    );
  const saw = atMs.map((_, index) => 0.75 + 0.25 * ((index % 9) / 9));
  const adapterBytes = wave(adapter === "memory" ? users * 420 : 0, 0.02).map(
    (bytes, index) => bytes * (saw[index] ?? 1),
  );
  const views = wave(users * 0.3, 0.02).map(Math.round);
  return {
    name,
    samples: {
      atMs,
      views,
      sockets: views,
      handles: views.map((count) => count + 14),
      timers: views.map((count) => Math.round(count * 0.02) + 4),
      heapUsedBytes: wave(users * 9000, 0.12, 28e6),
      heapTotalBytes: wave(users * 13_000, 0.02, 40e6),
      externalBytes: wave(users * 900, 0.05, 4e6).map((bytes, i) => bytes + (adapterBytes[i] ?? 0)),
      rssBytes: wave(users * 16_000 * cost.cpuMs, 0.01, 82e6),
      adapterBytes,
      adapterEntries: adapterBytes.map((bytes) => Math.round(bytes / 930)),
      clientOutBytesPerSecond: wave(cost.outBytes * rate),
      clientInBytesPerSecond: wave(cost.inBytes * rate),
      interNodeOutBytesPerSecond: wave(adapter === "memory" ? 750 * rate : 0, 0.3),
      interNodeInBytesPerSecond: wave(adapter === "memory" ? 750 * rate : 0, 0.3),
      cpuPercent: wave((cost.cpuMs * slowness * rate) / 10, 0.18, 0.6),
      eventLoopDelayP50Ms: wave(0.2, 0.1, 0.9),
      eventLoopDelayP99Ms: wave(2.4 * cost.cpuMs, 0.5, 1.1),
      eventLoopDelayMaxMs: wave(7 * cost.cpuMs, 0.9, 1.3),
      gcPauseMsPerSecond: wave(6 * cost.cpuMs, 0.5),
      gcPauses: wave(6).map(Math.round),
    },
    before: atRest(1),
    after: atRest(1.12),
  };
}

function seconds({ durationSeconds }: Making): readonly number[] {
  return Array.from({ length: durationSeconds }, (_, index) => (index + 1) * 1000 + (index % 7));
}

/** 0 at both ends, 1 between the ramps. */
function ramp(second: number, { durationSeconds }: Making): number {
  const quarter = durationSeconds / 4;
  return Math.max(0, Math.min(1, second / quarter, (durationSeconds - second) / quarter));
}

function step(count: number, p50Ms: number): StepTimes {
  return { fromSentMs: times(count, p50Ms), fromPlannedMs: times(count, p50Ms * 1.08) };
}

function times(count: number, p50Ms: number): Times {
  return {
    count,
    meanMs: p50Ms * 1.2,
    p50Ms,
    p95Ms: p50Ms * 2.1,
    p99Ms: p50Ms * 3.7,
    maxMs: p50Ms * 14,
  };
}

function atRest(growth: number): NodeRest {
  return {
    views: 0,
    sockets: 0,
    handles: 14,
    timers: 4,
    heapUsedBytes: 28e6 * growth,
    externalBytes: 4e6 * growth,
    rssBytes: 82e6 * growth,
    adapterBytes: 0,
    adapterEntries: 0,
  };
}
