import { type RedisServer, startRedis, type StartRedisOptions } from "@live-stash/test-servers";
import type { StashAdapter } from "live-stash";
import { createClient } from "redis";
import { afterEach } from "vitest";
import { createRedisAdapter, type RedisAdapterOptions } from "../src/index.ts";

type Client = ReturnType<typeof createClient>;

/** Closes what a test has opened, the last first. */
export function createCloser(): <Opened>(opened: Opened, close: () => unknown) => Opened {
  const closers: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });
  return (opened, close) => {
    closers.push(close);
    return opened;
  };
}

/** A Redis for one test, an adapter on it, and a client that looks at it from outside. */
export interface RedisLab {
  readonly redis: RedisServer;
  readonly adapter: StashAdapter;
  readonly client: Client;
}

/** Gives the function that opens a lab; what it opens is closed after the test. */
export function useRedisLab(): (
  options?: Partial<RedisAdapterOptions>,
  start?: StartRedisOptions,
) => Promise<RedisLab> {
  const willClose = createCloser();
  return async (options = {}, start = {}) => {
    const redis = await startRedis(start);
    willClose(redis, () => redis.close());
    const adapter = createRedisAdapter({ url: redis.url, ...options });
    willClose(adapter, () => adapter.close());
    const client: Client = createClient({ url: redis.url });
    // It comes back by itself, as the adapter does.
    client.on("error", () => {});
    await client.connect();
    willClose(client, () => {
      client.destroy();
    });
    return { redis, adapter, client };
  };
}

/** How often Redis ran a command. */
export async function callsOf(client: Client, command: string): Promise<number> {
  const stats = await client.info("commandstats");
  return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
}
