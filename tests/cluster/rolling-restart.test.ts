import type { ServerExit } from "@live-stash/test-servers";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { HANGS_AFTER_MS, adapters, isLong } from "./adapters.ts";
import { BusyUser } from "./busy-user.ts";
import { reconnectReport } from "./reconnect-report.ts";
import { startTestCluster, type TestCluster } from "./test-cluster.ts";

vi.setConfig({ testTimeout: HANGS_AFTER_MS, hookTimeout: HANGS_AFTER_MS });

/** The number of users of each adapter: all of them for one that `LIVE_STASH_ADAPTERS` names alone. */
const USERS = Math.ceil((isLong ? 500 : 100) / adapters.length);

let cluster: TestCluster;
const exits: (ServerExit | undefined)[] = [];
/** The users by adapter. */
let users: ReadonlyMap<string, readonly BusyUser[]>;

beforeAll(async () => {
  cluster = await startTestCluster();
  const names = adapters.map(({ name }) => name);
  users = await BusyUser.startMany(cluster.url, names, USERS);
});

afterAll(() => cluster.close());

describe("a rolling restart of both nodes, with views that stash all the time", () => {
  beforeAll(async () => {
    const all = [...users.values()].flat();
    await Promise.all(all.map((user) => user.untilCounted(2)));
    for (const node of cluster.nodes) {
      exits.push(await node.stop());
      await node.start();
    }
    await Promise.all(all.map((user) => user.untilCounted(2)));
  });

  test("both processes end by themselves, in good order", () => {
    expect(exits).toEqual([
      { code: 0, signal: null },
      { code: 0, signal: null },
    ]);
  });

  test.each(adapters)("with $name, nothing acknowledged is lost", async ({ name }) => {
    const ours = users.get(name) ?? [];
    for (const user of ours) {
      expect(user.returns.length).toBeGreaterThan(0);
      expect(new Set(user.returns)).toEqual(new Set(["recovered"]));
      expect(user.losses).toBe(0);
    }
    await Promise.all(ours.map((user) => user.reconnect()));
    for (const user of ours) {
      expect([user.returns.at(-1), user.losses]).toEqual(["recovered", 0]);
    }
    await Promise.all(ours.map((user) => user.stop()));
    console.warn(`${name}: ${reconnectReport(ours.flatMap(({ gaps }) => gaps.slice(0, -1)))}`);
  });
});
