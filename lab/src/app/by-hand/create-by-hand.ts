import {
  BASELINE,
  type BenchAdapter,
  type BenchAdapterOptions,
  NO_LOCAL_STATE,
} from "../bench-adapter.ts";
import { countPeerBytes } from "../socket-bytes.ts";
import { natsServersOf, peerPortsOf, redisUrlOf } from "../node-settings.ts";
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
      return { ...benchAdapterOf(inMemory(ttlMs, twoNodes(options))), interNodeBytes };
    }
    case "browser":
      return benchAdapterOf(inBrowser(ttlMs));
    case "redis":
      return benchAdapterOf(await inRedis(ttlMs, redisUrlOf(services)));
    case "nats":
      return benchAdapterOf(await inNats(ttlMs, natsServersOf(services)));
  }
}

const benchAdapterOf = (store: ByHandStore): BenchAdapter => ({
  ...NO_LOCAL_STATE,
  figures: () => store.figures?.() ?? NO_LOCAL_STATE.figures(),
  stashing: stashByHand(store),
  close: () => store.close(),
});

function twoNodes({ host, services }: BenchAdapterOptions): TwoNodes {
  const { peerPort: port } = services;
  const otherPort = peerPortsOf(services).find((each) => each !== port);
  if (port !== undefined && otherPort !== undefined) return { host, port, otherPort };
  throw new Error("Starting a node of the lab: expected two nodes that are peers, found one.");
}
