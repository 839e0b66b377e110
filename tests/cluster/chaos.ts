import { setTimeout as delay } from "node:timers/promises";
import { countHistories, type HistoryViolation, type PageEvent } from "@live-stash/contract";
import { startNatsCluster, startRedis, startTcpProxy } from "@live-stash/test-servers";
import { createRandom, type Random } from "@live-stash/test-servers/random";
import type { BusyUser } from "./busy-user.ts";
import type { Services } from "./start-services.ts";
import type { TestCluster } from "./test-cluster.ts";

/** A fault that can be started and ended. */
export interface Fault {
  readonly name: string;
  readonly begin: () => unknown;
  readonly end: () => unknown;
}

/** Services that can be broken on demand. */
export interface BreakableServices extends Services {
  readonly faults: readonly Fault[];
  /** Resolves when the last fault has no effect any more, so that the next one is the only one. */
  untilHealed(): Promise<void>;
}

/** Starts a Redis behind a proxy, which writes to disk before it acknowledges. */
export async function startBreakableRedis(): Promise<BreakableServices> {
  const redis = await startRedis({ config: ["appendonly yes", "appendfsync always"] });
  const network = await startTcpProxy({ targetPort: redis.port });
  return {
    env: { REDIS_URL: `redis://127.0.0.1:${network.port}` },
    faults: [
      { name: "killed", begin: () => redis.stop("SIGKILL"), end: () => redis.start() },
      { name: "frozen", begin: () => redis.pause(), end: () => redis.resume() },
      { name: "cut off", begin: () => network.down(), end: () => network.up() },
      {
        name: "mute",
        begin: () => network.pause("toClient"),
        end: () => network.resume("toClient"),
      },
    ],
    untilHealed: () => Promise.resolve(),
    async close() {
      await network.close();
      await redis.close();
    },
  };
}

/** Starts three NATS servers, one of which fails at a time, or all freeze. */
export async function startBreakableNats(): Promise<BreakableServices> {
  const cluster = await startNatsCluster();
  const ofServers = cluster.servers.flatMap((server, index): Fault[] => [
    {
      name: `server ${index + 1} killed`,
      begin: () => server.stop("SIGKILL"),
      end: () => server.start(),
    },
    { name: `server ${index + 1} frozen`, begin: () => server.pause(), end: () => server.resume() },
    {
      name: `server ${index + 1} cut off from its clients`,
      begin: () => server.clients.down(),
      end: () => server.clients.up(),
    },
  ]);
  const all = { name: "all frozen", begin: () => cluster.pause(), end: () => cluster.resume() };
  return {
    env: { NATS_URL: cluster.urls.join(",") },
    faults: [...ofServers, all, all, all],
    untilHealed: () => cluster.untilHealed(),
    close: () => cluster.close(),
  };
}

/** Returns the faults of freezing nodes. */
export function freezingNodes(cluster: TestCluster): readonly Fault[] {
  return cluster.nodes.map((node, index) => ({
    name: `node ${index + 1} frozen`,
    begin: () => node.freeze(),
    end: () => node.thaw(),
  }));
}

export interface ChaosRun {
  readonly adapter: string;
  readonly users: readonly BusyUser[];
  readonly faults: readonly Fault[];
  readonly untilHealed: () => Promise<void>;
  readonly seed: number;
  readonly seconds: number;
}

export interface ChaosResult {
  /** The broken rules, each with the events before it. */
  readonly violations: readonly (HistoryViolation & {
    readonly page: string;
    readonly before: readonly string[];
  })[];
  /** The number of faults during which a page reconnected. */
  readonly faults: number;
  readonly acknowledged: number;
  readonly recovered: number;
  readonly pending: number;
  /** The result in one line. */
  readonly report: string;
}

/** The shortest and longest fault, and the time without faults between two, in ms. */
const FAULT_MS = [200, 3_000] as const;
const CALM_MS = 1_000;

/**
 * Starts one random fault after another, while some pages lose their connections and reconnect. Finally
 * waits until all services are healthy, reconnects every page once more, and checks all histories.
 */
export async function runChaos(run: ChaosRun): Promise<ChaosResult> {
  const { adapter, users, seed, seconds } = run;
  const random = createRandom(seed);
  const endsAtMs = performance.now() + seconds * 1_000;
  const names: string[] = [];
  while (performance.now() < endsAtMs) {
    const fault = random.pick(run.faults);
    names.push(fault.name);
    await during(fault, random, users);
    await run.untilHealed();
    await delay(random.below(CALM_MS));
  }
  await Promise.all(users.map((user) => user.untilCounted(2)));
  await Promise.all(users.map((user) => user.finish()));
  const histories = users.map(({ page, events, violations }) => ({ page, events, violations }));
  const figures = countHistories(histories);
  const { acknowledged, recovered, pending, lost } = figures;
  return {
    ...figures,
    faults: names.length,
    violations: histories.flatMap(({ page, events, violations }) =>
      violations.map((violation) => ({
        page,
        ...violation,
        before: events.slice(Math.max(0, violation.at - 8), violation.at + 1).map(describe),
      })),
    ),
    report:
      `${adapter}, seed ${seed}: ${users.length} histories, ${names.length} faults ` +
      `(${names.join(", ")}), ${acknowledged} acknowledged, ${recovered} recovered, ` +
      `${pending} pending, ${lost} lost`,
  };
}

function describe(event: PageEvent): string {
  if (!("state" in event)) return JSON.stringify(event);
  const { state, ...rest } = event;
  return `${JSON.stringify(rest)}: ${state.changes.length}`;
}

async function during(fault: Fault, random: Random, users: readonly BusyUser[]): Promise<void> {
  const [least, most] = FAULT_MS;
  const durationMs = least + random.below(most - least);
  // Some pages lose their connection just before the fault, others during it.
  const before = users.filter(() => random.below(6) === 0);
  const meanwhile = users.filter(() => random.below(4) === 0);
  await Promise.all(before.map((user) => user.lose()));
  await fault.begin();
  await delay(random.below(durationMs));
  await Promise.all(meanwhile.map((user) => user.lose()));
  await delay(random.below(durationMs));
  await fault.end();
}
