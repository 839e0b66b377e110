import type { Fault } from "./app/fault.ts";
import { type LoadGenerator, type LoadState, startLoad } from "./load/load-generator.ts";
import { steadyOf } from "./load/load-record.ts";
import { sourceAddresses } from "./load/source-address.ts";
import { adapterRun } from "./measure/adapter-run.ts";
import { EXPORTED, type ExportedPart, startExporter } from "./measure/exporter.ts";
import type { MeasuredRun } from "./measure/findings.ts";
import type { Reading } from "./measure/readings.ts";
import { createSampler, type Sampler } from "./measure/sampler.ts";
import type { AdapterName, Scenario } from "./result.ts";
import type { ApplicationCode } from "./topology/application-code.ts";
import { type Prometheus, startPrometheus } from "./topology/start-prometheus.ts";
import { startTopology, type Topology } from "./topology/start-topology.ts";

/** The settings of one adapter's run. */
export interface AdapterRunOptions {
  readonly adapter: AdapterName;
  readonly scenario: Scenario;
  /** Whether the page stashes by hand, as the control does, instead of with LiveStash. Default: `false`. */
  readonly isByHand?: boolean;
  readonly code: ApplicationCode;
  readonly fault: Fault | undefined;
  /** The folder into which each node writes a CPU profile when it ends. Default: no profile. */
  readonly profileFolder?: string | undefined;
  /** Whether a Prometheus scrapes the run. */
  readonly withPrometheus: boolean;
  /** When aborted, all users end at once, and the measurements so far are kept. */
  readonly signal: AbortSignal;
  /** Called once a second. */
  readonly onReading: (reading: Reading) => void;
}

const SAMPLE_MS = 1_000;
/** A sixth of the users is connected on average; the rest is a margin for chance. */
const CONNECTED_SHARE = 0.3;
const LEAST_CONNECTIONS = 4_096;

/** The limit on simultaneous connections for that many users. */
export const connectionsOf = (users: number): number =>
  Math.max(LEAST_CONNECTIONS, Math.ceil(users * CONNECTED_SHARE));

const NO_LOAD: LoadState = {
  users: 0,
  connected: 0,
  busiestWorkerPercent: 0,
  counts: {
    steps: { firstRender: 0, connect: 0, stash: 0, reconnect: 0 },
    outcomes: { recovered: 0, expired: 0, lost: 0, revived: 0, wrong: 0 },
    errors: {},
    examples: [],
    steadyCycles: 0,
    steadyPageLoads: 0,
    tokens: 0,
    tokenCharacters: 0,
  },
};

/** Runs the scenario with one adapter, on nodes and services that are started for it alone. */
export async function runAdapter(options: AdapterRunOptions): Promise<MeasuredRun> {
  const { adapter, scenario, code, fault } = options;
  const topology = await startTopology({
    adapter,
    ttlMs: scenario.ttlMs,
    isByHand: options.isByHand ?? false,
    code,
    fault,
    profileFolder: options.profileFolder,
    maxConnections: connectionsOf(scenario.users),
  });
  try {
    return await measure(options, topology);
  } finally {
    await topology.stop();
  }
}

async function measure(options: AdapterRunOptions, topology: Topology): Promise<MeasuredRun> {
  const { adapter, scenario, signal, onReading } = options;
  const readings: Reading[] = [];
  const sampler = await createSampler(topology);
  const prometheus = options.withPrometheus
    ? await watchWithPrometheus(topology, () => readings.at(-1))
    : undefined;
  const before = await sampler.atRest();

  const load = await startLoad({
    scenario,
    url: `${topology.url}/bench/${adapter}`,
    isStashing: adapter !== "baseline",
  });
  const sinceStartMs = (): number => performance.timeOrigin + performance.now() - load.startedAtMs;
  readings.push(await sampler.read(sinceStartMs(), NO_LOAD));
  const stop = (): void => load.stop();
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  const sampling = sampleEachSecond(sampler, load, sinceStartMs, (reading) => {
    readings.push(reading);
    onReading(reading);
  });
  try {
    const outcome = await Promise.race([load.finished, topology.failed]);
    await sampling.stop();
    readings.push(await sampler.read(sinceStartMs(), { ...load.state(), counts: outcome.counts }));
    const durationMs = sinceStartMs();
    return adapterRun({
      adapter,
      startedAt: new Date(load.startedAtMs),
      durationMs,
      steady: steadyOf(scenario),
      nodes: topology.nodes.map(({ name }) => name),
      before,
      after: signal.aborted ? undefined : await restWithoutUsers(sampler),
      readings,
      outcome,
      sourceAddresses: sourceAddresses(scenario.users).length,
      prometheus: (await prometheus?.check()) ?? null,
    });
  } finally {
    signal.removeEventListener("abort", stop);
    load.stop();
    await sampling.stop();
  }
}

/** Waits until the nodes have noticed that all users left, and samples them at rest. */
async function restWithoutUsers(sampler: Sampler) {
  const DEADLINE_MS = 5_000;
  const giveUpAtMs = performance.now() + DEADLINE_MS;
  for (;;) {
    const rest = await sampler.atRest();
    if (rest.every(({ views }) => views === 0) || performance.now() > giveUpAtMs) return rest;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

interface Sampling {
  /** Settles when no reading is under way any more. */
  stop(): Promise<void>;
}

function sampleEachSecond(
  sampler: Sampler,
  load: LoadGenerator,
  sinceStartMs: () => number,
  take: (reading: Reading) => void,
): Sampling {
  let reading: Promise<void> | undefined;
  const timer = setInterval(() => {
    // While an answer is slow, readings are skipped so that they do not pile up.
    if (reading !== undefined) return;
    reading = sampler
      .read(sinceStartMs(), load.state())
      .then(take)
      .finally(() => {
        reading = undefined;
      });
  }, SAMPLE_MS);
  return {
    async stop() {
      clearInterval(timer);
      await reading;
    },
  };
}

async function watchWithPrometheus(
  topology: Topology,
  latest: () => Reading | undefined,
): Promise<Prometheus> {
  const exporterPort = await startExporter(latest, topology.stoppers);
  const isThere: Record<ExportedPart, boolean> = {
    redis: topology.redisPort !== undefined,
    nats: topology.nats !== undefined,
    nginx: true,
    load: true,
  };
  return startPrometheus(
    [
      ...topology.nodes.map(({ name, controlPort }) => ({
        name,
        port: controlPort,
        path: "/metrics",
      })),
      ...EXPORTED.filter((part) => isThere[part]).map((part) => ({
        name: part,
        port: exporterPort,
        path: `/metrics/${part}`,
      })),
    ],
    topology.stoppers,
  );
}
