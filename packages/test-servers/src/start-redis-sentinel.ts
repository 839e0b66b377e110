import { freePort } from "./free-port.ts";
import { startRedisNode } from "./redis-node.ts";
import type { RedisServer } from "./start-redis.ts";
import { startRedis } from "./start-redis.ts";

/** A Redis with a replica, and one sentinel that monitors both. */
export interface RedisSentinel {
  /** The name of the watched primary. */
  readonly name: string;
  /** The port of the sentinel. */
  readonly port: number;
  readonly primary: RedisServer;
  readonly replica: RedisServer;
  /** Resolves when the replica has been made the primary. */
  untilFailedOver(): Promise<void>;
  close(): Promise<void>;
}

export interface StartRedisSentinelOptions {
  /** The address of all three: "127.0.0.1" or "::1". Default "127.0.0.1". */
  readonly host?: string;
  /** Additional lines of the configuration of primary and replica. */
  readonly config?: readonly string[];
}

const NAME = "stashes";

/** Starts all three, and resolves when the replica is in sync. The sentinel fails over after 500 ms. */
export async function startRedisSentinel({
  host = "127.0.0.1",
  config = [],
}: StartRedisSentinelOptions = {}): Promise<RedisSentinel> {
  const port = await freePort(host);
  const primary = await startRedis({ host, config: ["repl-diskless-sync-delay 0", ...config] });
  const replica = await startRedis({
    host,
    config: [`replicaof ${host} ${primary.port}`, ...config],
  });
  await replica.untilLine(/(MASTER|PRIMARY) <-> REPLICA sync: Finished with success/);
  const sentinel = await startRedisNode({
    config: () => [
      `bind ${host}`,
      `port ${port}`,
      `sentinel monitor ${NAME} ${host} ${primary.port} 1`,
      `sentinel down-after-milliseconds ${NAME} 500`,
      `sentinel failover-timeout ${NAME} 5000`,
    ],
    args: ["--sentinel"],
    readyLine: /\+monitor master/,
  });
  await sentinel.process.untilLine(/\+slave slave/);
  return {
    name: NAME,
    port,
    primary,
    replica,
    async untilFailedOver() {
      await sentinel.process.untilLine(/\+switch-master/);
    },
    async close() {
      await Promise.all([sentinel.close(), primary.close(), replica.close()]);
    },
  };
}
