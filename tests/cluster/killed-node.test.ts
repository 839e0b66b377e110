import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { HANGS_AFTER_MS, adapters, isLong } from "./adapters.ts";
import { BusyUser } from "./busy-user.ts";
import { startTestCluster, type TestCluster } from "./test-cluster.ts";

vi.setConfig({ testTimeout: HANGS_AFTER_MS, hookTimeout: HANGS_AFTER_MS });

const USERS = isLong ? 250 : 20;

let cluster: TestCluster;
/** The users by adapter. */
let users: ReadonlyMap<string, readonly BusyUser[]>;
/** The users who were on the killed node. */
let stranded: ReadonlySet<BusyUser>;

beforeAll(async () => {
  cluster = await startTestCluster();
  const names = adapters.map(({ name }) => name);
  users = await BusyUser.startMany(cluster.url, names, USERS);
});

afterAll(() => cluster.close());

describe("kill -9 of a node under load", () => {
  beforeAll(async () => {
    const all = [...users.values()].flat();
    await Promise.all(all.map((user) => user.untilCounted(3)));
    const [victim] = cluster.nodes;
    stranded = new Set(all.filter((user) => user.node === victim.address));

    await victim.kill();
    await Promise.all([...stranded].map((user) => user.untilBack()));
    await Promise.all(all.map((user) => user.untilCounted(3)));
  });

  test.each(adapters)("with $name, only what only that node had is lost", async (adapter) => {
    const ours = users.get(adapter.name) ?? [];
    const ourStranded = ours.filter((user) => stranded.has(user));
    const undisturbed = ours.filter((user) => !stranded.has(user));
    expect(ourStranded.length).toBeGreaterThan(0);
    expect(undisturbed.length).toBeGreaterThan(0);
    for (const user of ourStranded) {
      expect(user.returns).toEqual([adapter.outlivesNode ? "recovered" : "not_found: absent"]);
      expect(user.losses).toBe(adapter.outlivesNode ? 0 : 1);
      expect(user.node).toBe(cluster.nodes[1].address);
    }
    for (const user of undisturbed) expect(user.returns).toEqual([]);

    // All pages continue to work, and their stashes are recovered from now on.
    await Promise.all(ours.map((user) => user.reconnect()));
    for (const user of ours) {
      expect(user.returns.at(-1)).toBe("recovered");
      expect(user.losses).toBe(stranded.has(user) && !adapter.outlivesNode ? 1 : 0);
    }
    await Promise.all(ours.map((user) => user.stop()));
  });
});
