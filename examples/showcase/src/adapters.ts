import { createNatsAdapter, type NatsAdapter } from "@live-stash/nats";
import { createRedisAdapter } from "@live-stash/redis";
import { createBrowserHeldAdapter, createMemoryAdapter, type MemoryAdapter } from "live-stash";
import type { StashAdapter } from "live-stash/adapter";
import { peersOnThisMachine } from "live-stash/peers";

/** The adapters for the main pages' stashes: the values of `SHOWCASE_ADAPTER`. */
export const ADAPTER_NAMES = ["memory", "browser", "redis", "nats"] as const;
export type AdapterName = (typeof ADAPTER_NAMES)[number];

/** The adapters of this process. An adapter whose service is not configured is `undefined`. */
export interface Adapters {
  readonly memory: MemoryAdapter;
  readonly browser: StashAdapter;
  readonly redis: StashAdapter | undefined;
  readonly nats: NatsAdapter | undefined;
}

type Env = Readonly<Record<string, string | undefined>>;

/** The time limit of one call to a service, in ms: `SHOWCASE_STORE_TIMEOUT_MS`, 800 by default. */
export function storeTimeoutMs({ SHOWCASE_STORE_TIMEOUT_MS: asked }: Env): number {
  return asked === undefined ? 800 : Number(asked);
}

/** The time limit of a lookup on other nodes, in ms; 500 by default. */
function lookupTimeoutMs({ SHOWCASE_STORE_TIMEOUT_MS: asked }: Env): number {
  return asked === undefined ? 500 : Number(asked);
}

/** Creates the adapters for which the environment has services. */
export function createAdapters(env: Env): Adapters {
  const { REDIS_URL: redisUrl, NATS_URL: natsUrls, SHOWCASE_PEERS: peersName } = env;
  const timeoutMs = storeTimeoutMs(env);
  return {
    memory: createMemoryAdapter(
      peersName === undefined
        ? {}
        : { peers: peersOnThisMachine({ name: peersName }), lookupTimeoutMs: lookupTimeoutMs(env) },
    ),
    browser: createBrowserHeldAdapter({ securityMode: "encrypt" }),
    redis: redisUrl === undefined ? undefined : createRedisAdapter({ url: redisUrl, timeoutMs }),
    nats:
      natsUrls === undefined
        ? undefined
        : createNatsAdapter({ servers: natsUrls.split(","), timeoutMs }),
  };
}

/**
 * Returns the adapter of the main pages: the one that `SHOWCASE_ADAPTER` names. Default: memory.
 *
 * @throws Error if the name is unknown, or its service is not configured. The message says what to set.
 */
export function chooseAdapter(adapters: Adapters, { SHOWCASE_ADAPTER: asked }: Env): StashAdapter {
  const name = ADAPTER_NAMES.find((name) => name === (asked ?? "memory"));
  if (name === undefined) {
    throw new Error(
      `SHOWCASE_ADAPTER: expected one of ${ADAPTER_NAMES.join(", ")}, got ${String(asked)}.`,
    );
  }
  const adapter = adapters[name];
  if (adapter !== undefined) return adapter;
  const { variable, example } = SERVICES[name as keyof typeof SERVICES];
  throw new Error(`SHOWCASE_ADAPTER=${name} needs its service: set ${variable}=${example}.`);
}

/** The variables to set for adapters that need a service. */
export const SERVICES = {
  redis: { variable: "REDIS_URL", example: "redis://127.0.0.1:6379" },
  nats: { variable: "NATS_URL", example: "nats://127.0.0.1:4222" },
} as const;

/**
 * Connects the adapters before visitors come, so that the first visitor does not wait. An adapter without
 * its service keeps retrying, and its pages say that nothing was saved.
 */
export async function readyAdapters({ memory, nats }: Adapters): Promise<void> {
  const outcomes = await Promise.allSettled([memory.ready(), nats?.connect()]);
  for (const outcome of outcomes) {
    if (outcome.status === "rejected") console.warn(String(outcome.reason));
  }
}

/**
 * Hands over the stashes in memory to other nodes, then closes all adapters. Call it at the end of this
 * process, after all views have ended.
 */
export async function closeAdapters(adapters: Adapters): Promise<void> {
  await adapters.memory.handOver();
  for (const adapter of Object.values(adapters) as (StashAdapter | undefined)[]) {
    await adapter?.close();
  }
}
