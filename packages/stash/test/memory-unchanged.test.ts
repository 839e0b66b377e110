import { afterEach, beforeEach, expect, it } from "vitest";
import { FakePage, type FakeHost, SECRET } from "./fake-page.ts";
import { PeerCluster } from "./peer-cluster.ts";
import {
  createMemoryAdapter,
  liveStash,
  type MemoryAdapter,
  recoverState,
  type StashHook,
  stash,
} from "../src/index.ts";
import type { StashAdapter } from "../src/adapter.ts";

interface Assigns {
  count: number;
}

let cluster: PeerCluster;
beforeEach(() => {
  cluster = new PeerCluster();
});
afterEach(() => cluster.close());

const hookOf = (adapter: StashAdapter): StashHook<Assigns> =>
  liveStash<Assigns>({ storedKeys: ["count"], adapter, secret: SECRET });
const pageOf = (adapter: StashAdapter): FakePage<Assigns> =>
  new FakePage(hookOf(adapter), () => ({ count: 0 }));

async function stashedView(page: FakePage<Assigns>): Promise<FakeHost<Assigns>> {
  const host = page.join();
  await recoverState(host);
  host.assign({ count: 1 });
  expect((await stash(host)).status).toBe("saved");
  expect((await stash(host)).status).toBe("unchanged");
  page.receive(host);
  return host;
}

/** The page comes back on this node, before its old view has noticed. */
async function comeBack(page: FakePage<Assigns>, adapter: MemoryAdapter): Promise<void> {
  const tab = pageOf(adapter);
  tab.held = page.held;
  const host = tab.join({ params: { _mounts: 1 } });
  expect((await recoverState(host)).status).toBe("recovered");
}

it("a view whose stash went to another view of its node is superseded, not unchanged", async () => {
  const adapter = createMemoryAdapter();
  const page = pageOf(adapter);
  const host = await stashedView(page);
  await comeBack(page, adapter);
  expect((await stash(host)).status).toBe("superseded");
  await adapter.close();
});

it("a view whose stash went to another node is superseded, not unchanged", async () => {
  const [one, two] = [cluster.join(), cluster.join()];
  const page = pageOf(one);
  const host = await stashedView(page);
  await comeBack(page, two);
  expect((await stash(host)).status).toBe("superseded");
});

it("a view whose stash its adapter does not have any more saves it again", async () => {
  // As one that lost what it had, and knows it.
  const [lost, fresh] = [createMemoryAdapter(), createMemoryAdapter()];
  const { name, capabilities } = lost;
  let store = lost;
  const adapter: StashAdapter = {
    name,
    capabilities,
    save: (request) => store.save(request),
    load: (request) => store.load(request),
    keepAlive: (requests) => store.keepAlive(requests),
    forget: (request) => store.forget(request),
    close: () => store.close(),
  };
  const host = await stashedView(pageOf(adapter));
  store = fresh;
  expect((await stash(host)).status).toBe("saved");
  expect((await stash(host)).status).toBe("unchanged");
  expect(fresh.figures().entries).toBe(1);
  await Promise.all([lost.close(), fresh.close()]);
});
