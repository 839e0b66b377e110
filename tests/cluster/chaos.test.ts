import { afterEach, describe, expect, test, vi } from "vitest";
import { HANGS_AFTER_MS, adapters, isLong } from "./adapters.ts";
import { BusyUser } from "./busy-user.ts";
import {
  type BreakableServices,
  type ChaosRun,
  freezingNodes,
  runChaos,
  startBreakableNats,
  startBreakableRedis,
} from "./chaos.ts";
import { startTestCluster, type TestCluster } from "./test-cluster.ts";

vi.setConfig({ testTimeout: HANGS_AFTER_MS, hookTimeout: HANGS_AFTER_MS });

const USERS = 40;
/** The duration of the faults, in s. `CHAOS_SEED` repeats their order. */
const SECONDS = isLong ? 70 : 12;
const seed = Number(process.env["CHAOS_SEED"] ?? Math.floor(Math.random() * 1_000_000));
/** A realistic limit, so that many calls meet the fault and end without an answer. */
const STORE_TIMEOUT_MS = 800;

let cluster: TestCluster | undefined;

afterEach(async () => {
  await cluster?.close();
  cluster = undefined;
});

const isAsked = (name: string): boolean => adapters.some((adapter) => adapter.name === name);
const noService = { env: {}, close: () => Promise.resolve() };

/** Starts two nodes, and 40 pages that count. */
async function start(
  adapter: string,
  services: BreakableServices | typeof noService,
): Promise<{ readonly cluster: TestCluster; readonly users: readonly BusyUser[] }> {
  cluster = await startTestCluster({ services, used: [adapter], storeTimeoutMs: STORE_TIMEOUT_MS });
  const users = await BusyUser.startMany(cluster.url, [adapter], USERS);
  return { cluster, users: users.get(adapter) ?? [] };
}

async function expectNothingLost(run: Omit<ChaosRun, "seed" | "seconds">): Promise<void> {
  const { report, ...result } = await runChaos({ ...run, seed, seconds: SECONDS });
  console.warn(report);
  expect(result.violations).toEqual([]);
  expect(result.faults).toBeGreaterThan(1);
  expect(result.acknowledged).toBeGreaterThan(USERS);
  expect(result.recovered).toBeGreaterThan(USERS);
}

describe(`CHAOS_SEED=${seed}`, () => {
  test.runIf(isAsked("redis"))(
    "Redis is killed, frozen, cut off and mute at random: nothing acknowledged is lost, nor by the pages that come back meanwhile",
    async () => {
      const services = await startBreakableRedis();
      const { users } = await start("redis", services);
      const { faults, untilHealed } = services;
      await expectNothingLost({ adapter: "redis", users, faults, untilHealed });
    },
  );

  test.runIf(isAsked("nats"))(
    "NATS servers are killed, frozen and cut off at random, or all frozen: nothing acknowledged is lost, nor by the pages that come back meanwhile",
    async () => {
      const services = await startBreakableNats();
      const { users } = await start("nats", services);
      const { faults, untilHealed } = services;
      await expectNothingLost({ adapter: "nats", users, faults, untilHealed });
    },
  );

  test.runIf(isAsked("browser"))(
    "nodes freeze and are killed at random: no state that browsers hold is lost",
    async () => {
      const { cluster: nodes, users } = await start("browser", noService);
      const faults = [...freezingNodes(nodes), ...killedNodes(nodes)];
      await expectNothingLost({
        adapter: "browser",
        users,
        faults,
        untilHealed: () => Promise.resolve(),
      });
    },
  );

  test.runIf(isAsked("memory"))(
    "nodes freeze and are killed at random: of what memory holds, only what lived on a killed node is lost",
    async () => {
      const { cluster: nodes, users } = await start("memory", noService);
      const onKill = (address: string): void => {
        for (const user of users) user.noteKill(address);
      };
      const faults = [...freezingNodes(nodes), ...killedNodes(nodes, onKill)];
      await expectNothingLost({
        adapter: "memory",
        users,
        faults,
        untilHealed: () => Promise.resolve(),
      });
    },
  );
});

function killedNodes(
  { nodes }: TestCluster,
  onKill: (address: string) => void = () => undefined,
): ChaosRun["faults"] {
  return nodes.map((node, index) => ({
    name: `node ${index + 1} killed`,
    begin: async () => {
      onKill(node.address);
      await node.kill();
      onKill(node.address);
    },
    end: () => node.start(),
  }));
}
