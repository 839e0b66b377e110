import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { HANGS_AFTER_MS, adapters, counterPath, isLong } from "./adapters.ts";
import { RawUser } from "./raw-user.ts";
import { startTestCluster, type TestCluster } from "./test-cluster.ts";

vi.setConfig({ testTimeout: HANGS_AFTER_MS, hookTimeout: HANGS_AFTER_MS });

const RECONNECTS = isLong ? 200 : 20;
const USERS = isLong ? 500 : 50;
const RECONNECTS_EACH = 4;

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await startTestCluster();
});

afterAll(() => cluster.close());

describe.each(adapters)("with the adapter $name", ({ name }) => {
  test("every reconnect of one user lands on the other node, and recovers", async () => {
    const user = await RawUser.load(cluster.url, counterPath(name));
    let view = await user.connect(cluster.url);
    await view.add();
    for (let count = 1; count <= RECONNECTS; count += 1) {
      const before = view.node;
      await view.lose();
      view = await user.connect(cluster.url);
      expect([view.status, view.count]).toEqual(["recovered", count]);
      expect(view.node).not.toBe(before);
      await view.add();
      expect([view.count, view.stashed]).toEqual([count + 1, "saved"]);
    }
    await view.lose();
  });

  test("many users at once recover wherever they land", async () => {
    const crossed = await Promise.all(Array.from({ length: USERS }, comeAndGo));
    expect(crossed.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(USERS / 2);

    /** Reconnects one user, and counts the returns to another node. */
    async function comeAndGo(_: unknown, index: number): Promise<number> {
      const user = await RawUser.load(cluster.url, counterPath(name));
      let view = await user.connect(cluster.url);
      await view.add(index);
      let crossings = 0;
      for (let times = 0; times < RECONNECTS_EACH; times += 1) {
        const before = view.node;
        await view.lose();
        view = await user.connect(cluster.url);
        if (view.node !== before) crossings += 1;
        expect([view.status, view.count]).toEqual(["recovered", index + times]);
        await view.add();
      }
      await view.lose();
      return crossings;
    }
  });
});
