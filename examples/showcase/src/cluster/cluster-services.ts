import { startRedis, type ServerExit } from "@live-stash/test-servers";
import type { AdapterName } from "../adapters.ts";
import type { AddressRow } from "./address-table.ts";

/** What an adapter needs besides the nodes. */
export interface ClusterServices {
  /** What tells the nodes where the services are. */
  readonly env: Readonly<Record<string, string>>;
  readonly addresses: readonly AddressRow[];
  /** Resolves when a service has ended without being asked to, with what is to be said. */
  readonly died: Promise<string>;
  close(): Promise<void>;
}

/** Starts what the adapter needs, on free ports. */
export async function startServices(adapter: AdapterName): Promise<ClusterServices> {
  switch (adapter) {
    case "redis": {
      const redis = await startRedis();
      return {
        env: { REDIS_URL: redis.url },
        addresses: [{ name: "redis-server", address: redis.url, note: "both nodes" }],
        died: redis.exited.then((exit) => endOf("redis-server", exit)),
        close: () => redis.close(),
      };
    }
    case "memory":
    case "browser":
      return { env: {}, addresses: [], died: new Promise(() => {}), close: async () => {} };
  }
}

function endOf(name: string, { code, signal }: ServerExit): string {
  return `${name} ended ${signal === null ? `with code ${code}` : `by ${signal}`}`;
}
