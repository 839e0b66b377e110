import {
  BASELINE,
  type BenchAdapter,
  type BenchAdapterOptions,
  HOLDING_NOTHING,
} from "../bench-adapter.ts";
import { countPeerBytes } from "../peer-bytes.ts";
import { natsServersOf, peerPortsOf, redisUrlOf } from "../service-addresses.ts";
import { inBrowser } from "./in-browser.ts";
import { inMemory, type TwoNodes } from "./in-memory.ts";
import { inNats } from "./in-nats.ts";
import { inRedis } from "./in-redis.ts";
import { type ByHandStore, stashByHand } from "./stash-by-hand.ts";

/** Creates the control for the adapter of that name. */
export async function createByHand(options: BenchAdapterOptions): Promise<BenchAdapter> {
  const { name, ttlMs, services } = options;
  switch (name) {
    case "baseline":
      return BASELINE;
    case "memory": {
      const interNodeBytes = countPeerBytes(peerPortsOf(services));
      return { ...keptBy(inMemory(ttlMs, twoNodes(options))), interNodeBytes };
    }
    case "browser":
      return keptBy(inBrowser(ttlMs));
    case "redis":
      return keptBy(await inRedis(ttlMs, redisUrlOf(services)));
    case "nats":
      return keptBy(await inNats(ttlMs, natsServersOf(services)));
  }
}

const keptBy = (store: ByHandStore): BenchAdapter => ({
  ...HOLDING_NOTHING,
  figures: () => store.figures?.() ?? HOLDING_NOTHING.figures(),
  stashing: stashByHand(store),
  close: () => store.close(),
});

function twoNodes({ host, services }: BenchAdapterOptions): TwoNodes {
  const { peerPort: port } = services;
  const otherPort = peerPortsOf(services).find((each) => each !== port);
  if (port !== undefined && otherPort !== undefined) return { host, port, otherPort };
  throw new Error("Starting a node of the lab: expected two nodes that are peers, found one.");
}
