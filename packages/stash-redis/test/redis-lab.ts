import { type RedisServer, startRedis, type StartRedisOptions } from "@live-stash/test-servers";
import type { StashAdapter } from "live-stash/adapter";
import { createClient } from "redis";
import { createCloser } from "../../stash-contract/test/create-closer.ts";
import { createRedisAdapter, type RedisAdapterOptions } from "../src/index.ts";

type Client = ReturnType<typeof createClient>;

/** Options of `vi.waitFor()`: long, because other processes share the processors. */
export const SOON = { timeout: 20_000 };

/** Options of an adapter whose calls time out only if Redis hangs. */
export const PATIENT = { timeoutMs: 30_000 };

/** A Redis for one test, an adapter that uses it, and a client to inspect it. */
export interface RedisLab {
  readonly redis: RedisServer;
  readonly adapter: StashAdapter;
  readonly client: Client;
}

/** Returns a function that opens a lab, which is closed after the test. */
export function useRedisLab(): (
  options?: Partial<RedisAdapterOptions>,
  start?: StartRedisOptions,
) => Promise<RedisLab> {
  const willClose = createCloser();
  return async (options = {}, start = {}) => {
    const redis = await startRedis(start);
    willClose(redis, () => redis.close());
    const adapter = createRedisAdapter({ url: redis.url, ...PATIENT, ...options });
    willClose(adapter, () => adapter.close());
    const client: Client = createClient({ url: redis.url });
    // The client reconnects by itself, as the adapter does.
    client.on("error", () => {});
    await client.connect();
    willClose(client, () => {
      client.destroy();
    });
    return { redis, adapter, client };
  };
}

/** Returns how often Redis has executed a command. */
export async function callsOf(
  client: { info(section: string): Promise<string> },
  command: string,
): Promise<number> {
  const stats = await client.info("commandstats");
  return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
}
