import { createNatsAdapter, type NatsAdapter } from "@live-stash/nats";
import { createRedisAdapter } from "@live-stash/redis";
import { createBrowserHeldAdapter, createMemoryAdapter, type MemoryAdapter } from "live-stash";
import type { StashAdapter } from "live-stash/adapter";
import { peersOnThisMachine } from "live-stash/peers";

/** The adapters for the main pages' stashes: the values of `SHOWCASE_ADAPTER`. */
export const ADAPTER_NAMES = ["memory", "browser", "redis", "nats"] as const;
export type AdapterName = (typeof ADAPTER_NAMES)[number];

/** Every adapter that this process has. One whose service is not configured is `undefined`. */
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

/** Makes the adapters that the environment has services for. */
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
 * The adapter of the main pages: the one that `SHOWCASE_ADAPTER` names, in memory by default.
 *
 * @throws Error that says what to set.
 */
export function chooseAdapter(adapters: Adapters, { SHOWCASE_ADAPTER: asked }: Env): StashAdapter {
  const name = ADAPTER_NAMES.find((name) => name === (asked ?? "memory"));
  if (name === undefined) {
    throw new Error(
      `SHOWCASE_ADAPTER: expected one of ${ADAPTER_NAMES.join(", ")}, found ${String(asked)}.`,
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
 * Before visitors come: so that the first of them do not wait for connections. Without its service an
 * adapter goes on trying, and its pages say that nothing was saved.
 */
export async function readyAdapters({ memory, nats }: Adapters): Promise<void> {
  const outcomes = await Promise.allSettled([memory.ready(), nats?.connect()]);
  for (const outcome of outcomes) {
    if (outcome.status === "rejected") console.warn(String(outcome.reason));
  }
}

/**
 * Before this process ends, once all views have ended: what it holds for others goes to them, then
 * everything is closed.
 */
export async function closeAdapters(adapters: Adapters): Promise<void> {
  await adapters.memory.handOver();
  for (const adapter of Object.values(adapters) as (StashAdapter | undefined)[]) {
    await adapter?.close();
  }
}
