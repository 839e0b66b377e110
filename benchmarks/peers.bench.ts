import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { freePort } from "@live-stash/test-servers";
import { createMemoryAdapter, type MemoryAdapter } from "live-stash";
import type { LoadRequest } from "live-stash/adapter";
import { peersOverHttp } from "live-stash/peers";
import { type BenchRow, benchRow, formatRows } from "./bench-row.ts";
import { median } from "./measure.ts";
import { startCountingProxy } from "./peers/counting-proxy.ts";

const SECRET = "the secret of a benchmark, and of nothing else";
const TTL_MS = 300_000;
/** A record as large as that of the 5 KB map. */
const RECORD = randomBytes(396);
const RECOVERIES = 1_000;
const WARM_UP = 300;
const LONE_CYCLES = 200;
const CYCLES = 6_400;
const CONCURRENT_CYCLES = 64;

interface Stash {
  readonly id: string;
  adapterData: Uint8Array;
}

interface Cluster {
  readonly nodes: readonly [MemoryAdapter, MemoryAdapter];
  bytes(): number;
  close(): Promise<void>;
}

/** Starts two nodes, connected directly or through counting proxies. */
async function startCluster(isCounted: boolean): Promise<Cluster> {
  const ports = await Promise.all([freePort(), freePort()]);
  const proxies = isCounted
    ? await Promise.all(ports.map((port) => startCountingProxy(() => port)))
    : [];
  const asked = isCounted ? proxies.map(({ port }) => port) : ports;
  const nodes = asked.map((port) => `http://127.0.0.1:${port}`);
  const start = async (port: number): Promise<MemoryAdapter> => {
    const listen = { port, host: "127.0.0.1" };
    const node = createMemoryAdapter({ peers: peersOverHttp({ nodes, listen, secret: SECRET }) });
    await node.ready();
    return node;
  };
  const started = [await start(ports[0]), await start(ports[1])] as const;
  return {
    nodes: started,
    bytes: () => proxies.reduce((sum, proxy) => sum + proxy.bytes, 0),
    async close() {
      await Promise.all(started.map((node) => node.close()));
      await Promise.all(proxies.map((proxy) => proxy.close()));
    },
  };
}

let owners = 0;
function nextOwner(): string {
  owners += 1;
  return `${owners.toString(36).padStart(10, "0")}AAAAAAAAAAAAAAAA.1a`;
}

async function create(node: MemoryAdapter): Promise<Stash> {
  const id = randomBytes(16).toString("base64url");
  const request = { id, owner: nextOwner(), record: RECORD, create: true };
  const saved = await node.save({ ...request, expiresAtMs: Date.now() + TTL_MS });
  assert(saved.status === "saved" && saved.adapterData !== undefined);
  return { id, adapterData: saved.adapterData };
}

/** Recovers as a returning view does, and returns the new owner. */
async function recover(node: MemoryAdapter, stash: Stash): Promise<string> {
  const owner = nextOwner();
  const { id, adapterData } = stash;
  const request: LoadRequest = { id, adapterData, owner, expiresAtMs: Date.now() + TTL_MS };
  const loaded = await node.load(request);
  assert(loaded.status === "loaded");
  stash.adapterData = loaded.adapterData ?? adapterData;
  return owner;
}

/** Runs one reconnect and one stash, on the node that the load balancer chose. */
async function cycle(node: MemoryAdapter, stash: Stash): Promise<void> {
  const owner = await recover(node, stash);
  const request = { id: stash.id, owner, record: RECORD, create: false };
  const saved = await node.save({ ...request, expiresAtMs: Infinity });
  assert.equal(saved.status, "saved");
}

/** Times recoveries, alternating between the node that has the stash and the other one. */
async function measureRecoveries({ nodes: [here, there] }: Cluster): Promise<readonly BenchRow[]> {
  const localUs: number[] = [];
  const remoteUs: number[] = [];
  for (let round = -WARM_UP; round < RECOVERIES; round += 1) {
    for (const [samples, node] of [
      [localUs, here],
      [remoteUs, there],
    ] as const) {
      const stash = await create(node);
      const startedNs = process.hrtime.bigint();
      await recover(here, stash);
      if (round >= 0) samples.push(Number(process.hrtime.bigint() - startedNs) / 1_000);
    }
  }
  const [local, remote] = [median(localUs), median(remoteUs)];
  return [
    benchRow("peers: a recovery on the node of the stash, p50", local, "µs"),
    benchRow("peers: a recovery on another node, p50", remote, "µs"),
    benchRow("peers: what another node costs more, p50", (remote - local) / 1_000, "ms", 2),
  ];
}

/** Returns the node of a round: every second reconnect goes to the other node. */
function nodeOf({ nodes }: Cluster, round: number): MemoryAdapter {
  return nodes[Math.floor(round / 2) % 2 === 0 ? 0 : 1];
}

/** Measures single cycles, without batching: each transfer is confirmed before the next. */
async function bytesOfLoneCycles(cluster: Cluster): Promise<number> {
  const stash = await create(cluster.nodes[0]);
  const before = cluster.bytes();
  for (let round = 0; round < LONE_CYCLES; round += 1) {
    await cycle(nodeOf(cluster, round), stash);
    await settled(cluster);
  }
  return (cluster.bytes() - before) / LONE_CYCLES;
}

async function bytesOfCycles(cluster: Cluster): Promise<number> {
  const users = Array.from({ length: CONCURRENT_CYCLES }, () => create(cluster.nodes[0]));
  const stashes = await Promise.all(users);
  const before = cluster.bytes();
  for (let round = 0; round < CYCLES / CONCURRENT_CYCLES; round += 1) {
    await Promise.all(stashes.map((stash, user) => cycle(nodeOf(cluster, round + user), stash)));
  }
  await settled(cluster);
  return (cluster.bytes() - before) / CYCLES;
}

/** Waits until every node has the confirmations of its transfers. */
async function settled({ nodes }: Cluster): Promise<void> {
  while (nodes.some((node) => (node.figures().peers?.unconfirmed ?? 0) > 0)) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function within<Outcome>(
  isCounted: boolean,
  run: (cluster: Cluster) => Promise<Outcome>,
): Promise<Outcome> {
  const cluster = await startCluster(isCounted);
  try {
    return await run(cluster);
  } finally {
    await cluster.close();
  }
}

/** Measures the time and bytes of a recovery on the other of two nodes. */
export async function run(): Promise<BenchRow[]> {
  const recoveries = await within(false, measureRecoveries);
  const alone = await within(true, bytesOfLoneCycles);
  const many = await within(true, bytesOfCycles);
  return [
    ...recoveries,
    benchRow("peers: between nodes per user cycle, one at a time", alone, "bytes", 800),
    benchRow(`peers: the same, ${CONCURRENT_CYCLES} at a time`, many, "bytes", 800),
  ];
}

if (process.argv[1] === import.meta.filename) console.log(formatRows(await run()));
