import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { HANGS_AFTER_MS, adapters, counterPath, isLong, ownedAdapters } from "./adapters.ts";
import { RawUser, type RawView } from "./raw-user.ts";
import { startTestCluster, STORE_TIMEOUT_MS, type TestCluster } from "./test-cluster.ts";

vi.setConfig({ testTimeout: HANGS_AFTER_MS, hookTimeout: HANGS_AFTER_MS });

const RACES = isLong ? 1000 : 100;
const RACES_AT_ONCE = 10;

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await startTestCluster();
});

afterAll(() => cluster.close());

/** Drops the page's views, and joins through both nodes at the same instant. */
async function joinTwice(user: RawUser, ...lost: readonly RawView[]): Promise<RawView[]> {
  await Promise.all(lost.map((view) => view.lose()));
  return Promise.all(cluster.nodes.map((node) => user.connect(node.url)));
}

describe("both nodes recover the same reference at the same instant", () => {
  test.each(adapters)(
    "again and again with $name: the state is never lost, and in a store one view owns it",
    async ({ name, hasOwners }) => {
      await Promise.all(Array.from({ length: RACES_AT_ONCE }, raceAgainAndAgain));

      async function raceAgainAndAgain(): Promise<void> {
        const user = await RawUser.load(cluster.url, counterPath(name));
        let view = await user.connect(cluster.url);
        await view.add(1000);
        let { count } = view;
        for (let race = 0; race < RACES / RACES_AT_ONCE; race += 1) {
          const views = await joinTwice(user, view);
          // A view that was replaced before it recovered gets `superseded`. Its client has already left.
          const heard = views.filter(({ status }) => status !== "not_found: superseded");
          expect(heard.length).toBeGreaterThan(0);
          for (const { status, count: found } of heard) {
            expect([status, found]).toEqual(["recovered", count]);
          }
          await Promise.all(heard.map((each, index) => each.add(index + 1)));
          const owners = heard.filter(({ stashed }) => stashed === "saved");
          expect(owners).toHaveLength(hasOwners ? 1 : 2);
          const [owner] = owners;
          await Promise.all(views.map((each) => each.lose()));
          view = await user.connect(cluster.url);
          expect(view.status).toBe("recovered");
          if (hasOwners) expect(view.count).toBe(owner?.count);
          ({ count } = view);
        }
        await view.lose();
      }
    },
  );
});

test.each(ownedAdapters)(
  "with $name, a view left alive on the old node that stashes late changes nothing",
  async ({ name }) => {
    const [oldNode, newNode] = cluster.nodes;
    const user = await RawUser.load(oldNode.url, counterPath(name));
    const left = await user.connect(oldNode.url);
    await left.add(5);
    const current = await user.connect(newNode.url);
    expect([current.status, current.count]).toEqual(["recovered", 5]);
    await left.add(100);
    expect(left.stashed).toBe("superseded");
    await current.add();
    await left.add(100);
    await left.lose();
    await current.lose();

    const next = await user.connect(oldNode.url);
    expect([next.status, next.count]).toEqual(["recovered", 6]);
    await next.lose();
  },
);

test.each(adapters.filter(({ outlivesNode }) => outlivesNode))(
  "with $name, a frozen node costs at most the bound",
  async ({ name }) => {
    const [frozen, other] = cluster.nodes;
    const user = await RawUser.load(frozen.url, counterPath(name));
    const view = await user.connect(frozen.url);
    await view.add(5);
    frozen.freeze();
    try {
      const beginMs = performance.now();
      const back = await user.connect(other.url);
      const durationMs = performance.now() - beginMs;
      expect(back.status).toBe("recovered");
      await back.add();
      expect([back.count, back.stashed]).toEqual([6, "saved"]);
      await back.lose();
      expect(durationMs).toBeLessThan(2 * STORE_TIMEOUT_MS);
      console.warn(
        `${name}: back after ${Math.round(durationMs)} ms (bound ${STORE_TIMEOUT_MS} ms) while a node is frozen`,
      );
    } finally {
      frozen.thaw();
    }
    await view.lose();
  },
);

// Only the frozen node has the stash, and silence is no answer (decision 018).
describe.runIf(adapters.some(({ name }) => name === "memory"))("with memory, a frozen node", () => {
  test("has its page join again on the other one, which has the state when the node goes on", async () => {
    const [frozen, other] = cluster.nodes;
    const user = await RawUser.load(frozen.url, counterPath("memory"));
    const view = await user.connect(frozen.url);
    await view.add(5);
    frozen.freeze();
    let pending = 0;
    const back = await user
      .connect(other.url, () => {
        pending += 1;
        frozen.thaw();
      })
      .finally(() => frozen.thaw());
    expect(pending).toBeGreaterThan(0);
    expect([back.status, back.count]).toEqual(["recovered", 5]);
    await back.add();
    expect([back.count, back.stashed]).toEqual([6, "saved"]);
    await back.lose();
    await view.lose();
  });

  test("counts as gone once it was silent for `peerSilenceMs`, and its page starts anew", async () => {
    const [frozen, other] = cluster.nodes;
    const user = await RawUser.load(frozen.url, counterPath("memory"));
    const view = await user.connect(frozen.url);
    await view.add(5);
    frozen.freeze();
    try {
      let pending = 0;
      const back = await user.connect(other.url, () => (pending += 1));
      expect(pending).toBeGreaterThan(0);
      expect([back.status, back.count]).toEqual(["not_found: absent", 0]);
      await back.add();
      expect([back.count, back.stashed]).toEqual([1, "saved"]);
      await back.lose();
    } finally {
      frozen.thaw();
    }
    await view.lose();
  });
});
