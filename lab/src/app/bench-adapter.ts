import { createBrowserHeldAdapter, createMemoryAdapter, type MemoryAdapter } from "live-stash";
import type { StashAdapter } from "live-stash/adapter";
import { peersOverHttp } from "live-stash/peers";
import type { AdapterName } from "../result.ts";
import { countPeerBytes, type PeerBytes } from "./peer-bytes.ts";
import {
  natsServersOf,
  peerPortsOf,
  redisUrlOf,
  type ServiceAddresses,
} from "./service-addresses.ts";
import { type Stashing, withLiveStash } from "./stashing.ts";

/** What a page keeps its state with, and what that tells about itself. */
export interface BenchAdapter {
  /** `undefined` for the baseline. */
  readonly stashing: Stashing | undefined;
  /** What it holds in this process. */
  figures(): { readonly bytes: number; readonly entries: number };
  /** Bytes from and to other nodes since the start. */
  interNodeBytes(): PeerBytes;
  close(): Promise<void>;
}

/** How a node is to keep what its page stashes. */
export interface BenchAdapterOptions {
  readonly name: AdapterName;
  readonly ttlMs: number;
  /** Where it answers its peers. */
  readonly host: string;
  readonly services: ServiceAddresses;
}

/**
 * Creates the adapter of that name, with the defaults that its documentation gives, and settles when
 * it can be used. Clients of services are loaded only where they are used, as their code takes memory.
 */
export async function createBenchAdapter(options: BenchAdapterOptions): Promise<BenchAdapter> {
  const { name, ttlMs, services } = options;
  switch (name) {
    case "baseline":
      return BASELINE;
    case "memory":
      return holdingInMemory(options);
    case "browser":
      return holdingNothing(createBrowserHeldAdapter({ securityMode: "encrypt" }), ttlMs);
    case "redis": {
      const { createRedisAdapter } = await import("@live-stash/redis");
      return holdingNothing(createRedisAdapter({ url: redisUrlOf(services) }), ttlMs);
    }
    case "nats":
      return mirroring(natsServersOf(services), ttlMs);
  }
}

/** The figures of what holds nothing in this process, and talks to no other node. */
export const HOLDING_NOTHING = {
  figures: () => ({ bytes: 0, entries: 0 }),
  interNodeBytes: () => ({ in: 0, out: 0 }),
} as const;

/** No stash at all. */
export const BASELINE: BenchAdapter = {
  ...HOLDING_NOTHING,
  stashing: undefined,
  close: async () => {},
};

const holdingNothing = (adapter: StashAdapter, ttlMs: number): BenchAdapter => ({
  ...HOLDING_NOTHING,
  stashing: withLiveStash(adapter, ttlMs),
  async close() {
    await adapter.close();
  },
});

/** Nodes reach each other over TCP, as they do on machines of their own. */
async function holdingInMemory(options: BenchAdapterOptions): Promise<BenchAdapter> {
  const { ttlMs, host, services } = options;
  const { peerPort, peers: nodes } = services;
  if (peerPort === undefined) {
    return inMemory(createMemoryAdapter(), ttlMs, HOLDING_NOTHING.interNodeBytes);
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
  interNodeBytes: () => PeerBytes,
): BenchAdapter => ({
  ...holdingNothing(adapter, ttlMs),
  figures: () => adapter.figures(),
  interNodeBytes,
});

async function mirroring(servers: readonly string[], ttlMs: number): Promise<BenchAdapter> {
  const { createNatsAdapter } = await import("@live-stash/nats");
  const adapter = createNatsAdapter({ servers });
  await adapter.connect();
  return { ...holdingNothing(adapter, ttlMs), figures: () => adapter.figures().mirror };
}
