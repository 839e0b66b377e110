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
  /** Starts all nodes again, and resolves when each serves its slots. */
  start(): Promise<void>;
  /** Freezes all nodes. Resume them within a minute, or each considers the others failed. */
  pause(): void;
  resume(): void;
  /** Starts a replica, and resolves when it is in sync with its primary. The caller closes it. */
  addReplica(primary: RedisServer): Promise<RedisServer>;
  /** Moves `count` slots from the first node to the second. */
  moveSlots(count: number): Promise<void>;
  close(): Promise<void>;
}

export interface StartRedisClusterOptions {
  /** The address of all nodes: "127.0.0.1" or "::1". Default "127.0.0.1". */
  readonly host?: string;
  /** Additional lines of each node's configuration. */
  readonly config?: readonly string[];
}

/** Starts a cluster, and resolves when each node serves its third of the slots. */
export async function startRedisCluster({
  host = "127.0.0.1",
  config = [],
}: StartRedisClusterOptions = {}): Promise<RedisCluster> {
  const nodes: RedisServer[] = [];
  const all = async (act: (node: RedisServer) => Promise<unknown>): Promise<void> => {
    await Promise.all(nodes.map(act));
  };
  const untilServing = (): Promise<void> =>
    all((node) => node.untilLine(/Cluster state changed: ok/));
  const close = (): Promise<void> => all((node) => node.close());
  try {
    for (let count = 0; count < NODES; count += 1) nodes.push(await startClusterNode(host, config));
    const addresses = nodes.map(({ port }) => `${host}:${port}`);
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
    async addReplica(primary) {
      const replica = await startClusterNode(host, config);
      try {
        const { stdout: primaryId } = await run("redis-cli", [
          "-u",
          primary.url,
          "cluster",
          "myid",
        ]);
        const options = ["--cluster-slave", "--cluster-master-id", primaryId.trim()];
        const [from, to] = [`${host}:${replica.port}`, `${host}:${primary.port}`];
        await run("redis-cli", ["--cluster", "add-node", from, to, ...options]);
        await replica.untilLine(/(MASTER|PRIMARY) <-> REPLICA sync: Finished with success/);
      } catch (error) {
        await replica.close();
        throw error;
      }
      return replica;
    },
    async moveSlots(count) {
      const [from = "", to = ""] = await Promise.all(
        nodes.map(
          async ({ url }) => (await run("redis-cli", ["-u", url, "cluster", "myid"])).stdout,
        ),
      );
      const reshard = ["--cluster", "reshard", `${host}:${nodes[0]?.port ?? 0}`, "--cluster-yes"];
      const ends = ["--cluster-from", from.trim(), "--cluster-to", to.trim()];
      await run("redis-cli", [...reshard, ...ends, "--cluster-slots", String(count)]);
    },
    close,
  };
}

async function startClusterNode(host: string, config: readonly string[]): Promise<RedisServer> {
  return startRedis({
    host,
    config: [
      "cluster-enabled yes",
      // The default, port + 10,000, may be too large for a port.
      `cluster-port ${await freePort()}`,
      "cluster-node-timeout 60000",
      "repl-diskless-sync-delay 0",
      ...config,
    ],
  });
}
