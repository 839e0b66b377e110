import assert from "node:assert/strict";
import { createNatsAdapter } from "@live-stash/nats";
import { startNatsCluster } from "@live-stash/test-servers";
import { createMemoryAdapter, recoverState, stash } from "live-stash";
import type { StashAdapter } from "live-stash/adapter";
import { peersOverHttp } from "live-stash/peers";
import { type BenchRow, benchRow, formatRows } from "./bench-row.ts";
import { startCountingProxy } from "./peers/counting-proxy.ts";
import { type BenchPage, createHook, createPage, stateAfter } from "./redis/bench-page.ts";

const USERS = 64;
const WARM_UP_ROUNDS = 10;
const ROUNDS = 50;
const IDLE_MS = 2_000;

/** Two nodes, and the bytes on the network between all processes except browsers. */
interface NodePair {
  readonly adapters: readonly [StashAdapter, StashAdapter];
  readonly bytes: () => number;
  close(): Promise<void>;
}

async function startMemoryPair(): Promise<NodePair> {
  const peers: { readonly port: number | undefined }[] = [];
  const proxies = await Promise.all(
    [0, 1].map((node) => startCountingProxy(() => peers[node]?.port ?? 0)),
  );
  const nodes = proxies.map(({ port }) => `http://127.0.0.1:${port}`);
  const start = async (): Promise<StashAdapter> => {
    const network = peersOverHttp({
      nodes,
      listen: { port: 0, host: "127.0.0.1" },
      secret: "a secret of the benchmark, not of an application",
    });
    // Only bytes are measured: a long limit keeps a busy machine from missing a stash.
    const adapter = createMemoryAdapter({ peers: network, lookupTimeoutMs: 10_000 });
    await adapter.ready();
    peers.push(network);
    return adapter;
  };
  const adapters = [await start(), await start()] as const;
  return {
    adapters,
    bytes: () => proxies.reduce((sum, { bytes }) => sum + bytes, 0),
    async close() {
      for (const adapter of adapters) await adapter.close();
      await Promise.all(proxies.map((proxy) => proxy.close()));
    },
  };
}

/** Starts two nodes with three NATS servers, and counts the bytes between all of them. */
async function startNatsPair(): Promise<NodePair> {
  const nats = await startNatsCluster();
  const start = async (): Promise<StashAdapter> => {
    const adapter = createNatsAdapter({ servers: nats.urls, timeoutMs: 10_000 });
    await adapter.keepAlive([{ id: "A".repeat(22), owner: "0000000000A", expiresAtMs: 1 }]);
    return adapter;
  };
  const adapters = [await start(), await start()] as const;
  const proxies = [...nats.routes, ...nats.servers.map(({ clients }) => clients)];
  return {
    adapters,
    bytes: () => proxies.reduce((sum, { bytes }) => sum + bytes, 0),
    async close() {
      for (const adapter of adapters) await adapter.close();
      await nats.close();
    },
  };
}

/** Measures the bytes for users who lose their connection, reconnect to either node, and stash. */
async function measure({ adapters, bytes }: NodePair): Promise<{
  readonly perCycle: number;
  readonly idlePerSecond: number;
}> {
  const hooks = adapters.map(createHook);
  const pages: BenchPage[] = Array.from({ length: USERS }, (_, user) => createPage(`user-${user}`));
  /** Functions that end a page's view, as a lost connection does. */
  const endOf = new Map<BenchPage, () => unknown>();

  /** Joins a node: the view recovers, unless it is the page's first, and stashes. */
  const visit = async (user: number, node: number): Promise<void> => {
    const before = pages[user];
    const hook = hooks[node];
    assert(before !== undefined && hook !== undefined);
    const page = createPage(before.id);
    page.connectParams = { ...before.connectParams };
    page.assigns = before.assigns;
    pages[user] = page;
    hook.onMount(page);
    const { status } = await recoverState(page);
    assert.equal(status, before.connectParams["_mounts"] === 0 ? "new" : "recovered");
    page.assign(stateAfter(page.assigns));
    assert.equal((await stash(page)).status, "saved");
    endOf.set(page, () => hook.onTerminate(page, "disconnected"));
  };
  /** Reconnects all users: every second reconnect goes to the other node. */
  const round = async (number: number): Promise<void> => {
    await Promise.all(
      pages.map(async (page, user) => {
        await endOf.get(page)?.();
        endOf.delete(page);
        await visit(user, Math.floor((number + user) / 2) % 2);
      }),
    );
  };

  for (let number = 0; number < WARM_UP_ROUNDS; number += 1) await round(number);
  const before = bytes();
  for (let number = 0; number < ROUNDS; number += 1) await round(WARM_UP_ROUNDS + number);
  const perCycle = (bytes() - before) / (ROUNDS * USERS);
  const beforeIdle = bytes();
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  return { perCycle, idlePerSecond: (bytes() - beforeIdle) / (IDLE_MS / 1000) };
}

async function rowsOf(
  name: string,
  pair: NodePair,
  targetBytes: number,
): Promise<readonly BenchRow[]> {
  try {
    const { perCycle, idlePerSecond } = await measure(pair);
    return [
      benchRow(`cluster: ${name}, per 1,000 user cycles`, perCycle, "kB", targetBytes / 1000),
      benchRow(`cluster: ${name}, while nobody comes`, idlePerSecond / 1000, "kB/s"),
    ];
  } finally {
    await pair.close();
  }
}

/**
 * Measures the bytes between nodes and servers for the study's users. A cycle is one reconnect and one
 * stash of the 5 KB map, and half of the reconnects go to the other node.
 */
export async function run(): Promise<BenchRow[]> {
  return [
    ...(await rowsOf("memory between nodes", await startMemoryPair(), 800_000)),
    ...(await rowsOf("NATS with its three servers", await startNatsPair(), 7_000_000)),
  ];
}

if (process.argv[1] === import.meta.filename) console.log(formatRows(await run()));
