import { createBrowserHeldAdapter, createMemoryAdapter, type MemoryAdapter } from "live-stash";
import type { StashAdapter } from "live-stash/adapter";
import { peersOverHttp } from "live-stash/peers";
import type { AdapterName } from "../result.ts";
import { countPeerBytes, type SocketBytes } from "./socket-bytes.ts";
import { natsServersOf, peerPortsOf, redisUrlOf, type ServiceAddresses } from "./node-settings.ts";
import { type Stashing, withLiveStash } from "./stashing.ts";

/** The stash of the page under test, and its figures. */
export interface BenchAdapter {
  /** `undefined` for the baseline. */
  readonly stashing: Stashing | undefined;
  /** Returns how much state is stored in this process. */
  figures(): { readonly bytes: number; readonly entries: number };
  /** Bytes from and to other nodes since the start. */
  interNodeBytes(): SocketBytes;
  close(): Promise<void>;
}

/** The adapter that a node stashes with, and the addresses that the adapter needs. */
export interface BenchAdapterOptions {
  readonly name: AdapterName;
  readonly ttlMs: number;
  /** The address at which this node listens for its peers. */
  readonly host: string;
  readonly services: ServiceAddresses;
}

/**
 * Creates the adapter of that name with its documented defaults, and resolves when the adapter is
 * ready. A service's client is loaded only for its adapter, because its code takes memory.
 */
export async function createBenchAdapter(options: BenchAdapterOptions): Promise<BenchAdapter> {
  const { name, ttlMs, services } = options;
  switch (name) {
    case "baseline":
      return BASELINE;
    case "memory":
      return createMemoryBench(options);
    case "browser":
      return withoutLocalState(createBrowserHeldAdapter({ securityMode: "encrypt" }), ttlMs);
    case "redis": {
      const { createRedisAdapter } = await import("@live-stash/redis");
      return withoutLocalState(createRedisAdapter({ url: redisUrlOf(services) }), ttlMs);
    }
    case "nats":
      return createNatsBench(natsServersOf(services), ttlMs);
  }
}

/** The figures of an adapter that stores nothing in this process and sends nothing to other nodes. */
export const NO_LOCAL_STATE = {
  figures: () => ({ bytes: 0, entries: 0 }),
  interNodeBytes: () => ({ in: 0, out: 0 }),
} as const;

/** The page without a stash. */
export const BASELINE: BenchAdapter = {
  ...NO_LOCAL_STATE,
  stashing: undefined,
  close: async () => {},
};

const withoutLocalState = (adapter: StashAdapter, ttlMs: number): BenchAdapter => ({
  ...NO_LOCAL_STATE,
  stashing: withLiveStash(adapter, ttlMs),
  async close() {
    await adapter.close();
  },
});

/** Creates a memory adapter whose nodes connect over TCP, as nodes on separate machines do. */
async function createMemoryBench(options: BenchAdapterOptions): Promise<BenchAdapter> {
  const { ttlMs, host, services } = options;
  const { peerPort, peers: nodes } = services;
  if (peerPort === undefined) {
    return inMemory(createMemoryAdapter(), ttlMs, NO_LOCAL_STATE.interNodeBytes);
  }
  const interNodeBytes = countPeerBytes(peerPortsOf(services));
  const peers = peersOverHttp({ nodes, listen: { port: peerPort, host } });
  const adapter = createMemoryAdapter({ peers });
  await adapter.ready();
  return inMemory(adapter, ttlMs, interNodeBytes);
}

const inMemory = (
  adapter: MemoryAdapter,
  ttlMs: number,
  interNodeBytes: () => SocketBytes,
): BenchAdapter => ({
  ...withoutLocalState(adapter, ttlMs),
  figures: () => adapter.figures(),
  interNodeBytes,
});

async function createNatsBench(servers: readonly string[], ttlMs: number): Promise<BenchAdapter> {
  const { createNatsAdapter } = await import("@live-stash/nats");
  const adapter = createNatsAdapter({ servers });
  await adapter.connect();
  return { ...withoutLocalState(adapter, ttlMs), figures: () => adapter.figures().mirror };
}
