import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { freePort } from "./free-port.ts";
import type { RedisServer } from "./start-redis.ts";
import { startRedis } from "./start-redis.ts";

const run = promisify(execFile);
const NODES = 3;

/** A Redis Cluster of three nodes without replicas, all on 127.0.0.1. */
export interface RedisCluster {
  readonly nodes: readonly RedisServer[];
  readonly urls: readonly string[];
  stop(): Promise<void>;
  /** Starts all nodes again and resolves when every one serves its slots. */
  start(): Promise<void>;
  /** Freezes all nodes, for less than a minute: then they would think that the others are gone. */
  pause(): void;
  resume(): void;
  close(): Promise<void>;
}

/** Starts a cluster and resolves when every node serves its third of the slots. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const nodes: RedisServer[] = [];
  const all = async (act: (node: RedisServer) => Promise<unknown>): Promise<void> => {
    await Promise.all(nodes.map(act));
  };
  const untilServing = (): Promise<void> =>
    all((node) => node.untilLine(/Cluster state changed: ok/));
  const close = (): Promise<void> => all((node) => node.close());
  try {
    for (let count = 0; count < NODES; count += 1) nodes.push(await startClusterNode());
    const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
    await run("redis-cli", ["--cluster", "create", ...addresses, "--cluster-yes"]);
    await untilServing();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    nodes,
    urls: nodes.map(({ url }) => url),
    stop: () => all((node) => node.stop()),
    async start() {
      await all((node) => node.start());
      await untilServing();
    },
    pause() {
      for (const node of nodes) node.pause();
    },
    resume() {
      for (const node of nodes) node.resume();
    },
    close,
  };
}

async function startClusterNode(): Promise<RedisServer> {
  return startRedis({
    config: [
      "cluster-enabled yes",
      // The default, port + 10,000, may be no port at all.
      `cluster-port ${await freePort()}`,
      "cluster-node-timeout 60000",
    ],
  });
}
