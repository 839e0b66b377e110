import { startNatsServer } from "@live-stash/nats/server";
import { freePort, startRedis, type ServerExit } from "@live-stash/test-servers";
import type { AdapterName } from "../adapters.ts";
import type { AddressRow } from "./address-table.ts";

/** The services that an adapter needs besides the nodes. */
export interface ClusterServices {
  /** The environment variables that name the services to the nodes. */
  readonly env: Readonly<Record<string, string>>;
  readonly addresses: readonly AddressRow[];
  /** Resolves with a message when a service has ended unexpectedly. */
  readonly died: Promise<string>;
  close(): Promise<void>;
}

/** Starts the adapter's services on free ports. */
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
    case "nats":
      return startThreeNatsServers();
    case "memory":
    case "browser":
      return { env: {}, addresses: [], died: new Promise(() => {}), close: async () => {} };
  }
}

/** Starts three servers, any one of which may fail. With fewer servers, none may. */
async function startThreeNatsServers(): Promise<ClusterServices> {
  const clusterPorts = [await freePort(), await freePort(), await freePort()];
  const starting = clusterPorts.map((clusterPort) =>
    startNatsServer({
      port: 0,
      clusterPort,
      peers: clusterPorts.filter((port) => port !== clusterPort).map((port) => `127.0.0.1:${port}`),
    }),
  );
  const settled = await Promise.allSettled(starting);
  const servers = settled.flatMap((result) => (result.status === "fulfilled" ? result.value : []));
  const close = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop()));
  };
  try {
    await Promise.all(starting);
    // With a leader, the servers can store stashes.
    await Promise.any(servers.map((server) => server.untilLine(/Self is new .* metadata leader/)));
  } catch (cause) {
    await close();
    throw cause;
  }
  const names = servers.map((_, index) => `nats-server ${index + 1}`);
  return {
    env: { NATS_URL: servers.map(({ url }) => url).join(",") },
    addresses: servers.map(({ url, clusterPort }, index) => ({
      name: names[index] ?? "",
      address: url,
      note: `peers: ${clusterPort}`,
    })),
    died: Promise.race(
      servers.map(({ exited }, index) => exited.then(() => `${names[index]} ended`)),
    ),
    close,
  };
}

function endOf(name: string, { code, signal }: ServerExit): string {
  return `${name} ended ${signal === null ? `with code ${code}` : `by ${signal}`}`;
}
