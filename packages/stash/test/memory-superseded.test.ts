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
import type { StashAdapter } from "../src/entries/adapter.ts";

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

/** The page comes back on this node before its old view has ended. */
async function comeBack(page: FakePage<Assigns>, adapter: MemoryAdapter): Promise<void> {
  const tab = pageOf(adapter);
  tab.token = page.token;
  const host = tab.join({ params: { _mounts: 1 } });
  expect((await recoverState(host)).status).toBe("recovered");
}

it("stash() is superseded, not unchanged, if another view of the node has the stash", async () => {
  const adapter = createMemoryAdapter();
  const page = pageOf(adapter);
  const host = await stashedView(page);
  await comeBack(page, adapter);
  expect((await stash(host)).status).toBe("superseded");
  await adapter.close();
});

it("stash() is superseded, not unchanged, if the stash moved to another node", async () => {
  const [one, two] = [cluster.join(), cluster.join()];
  const page = pageOf(one);
  const host = await stashedView(page);
  await comeBack(page, two);
  expect((await stash(host)).status).toBe("superseded");
});

it("stash() saves again if the adapter has lost the stash", async () => {
  // An adapter that has lost its stashes answers `absent`.
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
