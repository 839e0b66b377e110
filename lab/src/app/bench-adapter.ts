import {
  createBrowserHeldAdapter,
  createMemoryAdapter,
  type MemoryAdapter,
  peersOverHttp,
  type StashAdapter,
} from "live-stash";
import type { AdapterName } from "../result.ts";
import { countPeerBytes, type PeerBytes } from "./peer-bytes.ts";

/** What an adapter needs to know to find its service, or its peers. */
export interface ServiceAddresses {
  readonly redisUrl: string | undefined;
  /** Separated by commas. */
  readonly natsUrl: string | undefined;
  /** Where this node answers its peers in memory. */
  readonly peerPort: number | undefined;
  /** Where all nodes do, this one too, such as `http://127.0.0.1:4101`. */
  readonly peers: readonly string[];
}

/** The adapter of a page, and what it tells about itself. */
export interface BenchAdapter {
  /** `undefined` for the baseline. */
  readonly adapter: StashAdapter | undefined;
  /** What it holds in this process. */
  figures(): { readonly bytes: number; readonly entries: number };
  /** Bytes from and to other nodes since the start. */
  interNodeBytes(): PeerBytes;
}

/**
 * Creates the adapter of that name, with the defaults that its documentation gives, and settles when
 * it can be used. Clients of services are loaded only where they are used, as their code takes memory.
 */
export async function createBenchAdapter(
  name: AdapterName,
  services: ServiceAddresses,
  host: string,
): Promise<BenchAdapter> {
  switch (name) {
    case "baseline":
      return holdingNothing(undefined);
    case "memory":
      return holdingInMemory(services, host);
    case "browser":
      return holdingNothing(createBrowserHeldAdapter({ securityMode: "encrypt" }));
    case "redis": {
      const { createRedisAdapter } = await import("@live-stash/redis");
      return holdingNothing(createRedisAdapter({ url: required(services.redisUrl, "REDIS_URL") }));
    }
    case "nats":
      return mirroring(required(services.natsUrl, "NATS_URL").split(","));
  }
}

function holdingNothing(adapter: StashAdapter | undefined): BenchAdapter {
  return {
    adapter,
    figures: () => ({ bytes: 0, entries: 0 }),
    interNodeBytes: () => ({ in: 0, out: 0 }),
  };
}

/** Nodes reach each other over TCP, as they do on machines of their own. */
async function holdingInMemory(
  { peerPort, peers: nodes }: ServiceAddresses,
  host: string,
): Promise<BenchAdapter> {
  if (peerPort === undefined) return inMemory(createMemoryAdapter(), () => ({ in: 0, out: 0 }));
  const interNodeBytes = countPeerBytes(nodes.map((node) => Number(new URL(node).port)));
  const peers = peersOverHttp({ nodes, listen: { port: peerPort, host } });
  const adapter = createMemoryAdapter({ peers });
  await adapter.ready();
  return inMemory(adapter, interNodeBytes);
}

const inMemory = (adapter: MemoryAdapter, interNodeBytes: () => PeerBytes): BenchAdapter => ({
  adapter,
  figures: () => adapter.figures(),
  interNodeBytes,
});

async function mirroring(servers: readonly string[]): Promise<BenchAdapter> {
  const { createNatsAdapter } = await import("@live-stash/nats");
  const adapter = createNatsAdapter({ servers });
  await adapter.connect();
  return { ...holdingNothing(adapter), figures: () => adapter.figures().mirror };
}

function required(value: string | undefined, variable: string): string {
  if (value !== undefined && value !== "") return value;
  throw new Error(
    `Starting a node of the lab: expected ${variable} to be set for this adapter, found nothing.`,
  );
}
