import { type BenchAdapter, type BenchAdapterOptions, HOLDING_NOTHING } from "../bench-adapter.ts";
import { countPeerBytes } from "../peer-bytes.ts";
import { natsServersOf, peerPortsOf, redisUrlOf } from "../service-addresses.ts";
import { inBrowser } from "./in-browser.ts";
import { inMemory, type TwoNodes } from "./in-memory.ts";
import { inNats } from "./in-nats.ts";
import { inRedis } from "./in-redis.ts";
import { type ByHandStore, stashByHand } from "./stash-by-hand.ts";

/** Creates the control for the adapter of that name. */
export async function createByHand(options: BenchAdapterOptions): Promise<BenchAdapter> {
  const store = await createStore(options);
  return {
    ...HOLDING_NOTHING,
    interNodeBytes: countPeerBytes(peerPortsOf(options.services)),
    stashing: store === undefined ? undefined : stashByHand(store),
    close: async () => store?.close(),
  };
}

async function createStore(options: BenchAdapterOptions): Promise<ByHandStore | undefined> {
  const { name, ttlMs, services } = options;
  switch (name) {
    case "baseline":
      return undefined;
    case "memory":
      return inMemory(ttlMs, twoNodes(options));
    case "browser":
      return inBrowser(ttlMs);
    case "redis":
      return inRedis(ttlMs, redisUrlOf(services));
    case "nats":
      return inNats(ttlMs, natsServersOf(services));
  }
}

function twoNodes({ host, services }: BenchAdapterOptions): TwoNodes {
  const { peerPort: port } = services;
  const otherPort = peerPortsOf(services).find((each) => each !== port);
  if (port !== undefined && otherPort !== undefined) return { host, port, otherPort };
  throw new Error("Starting a node of the lab: expected two nodes that are peers, found one.");
}
