import { freePort, startNats, startRedis } from "@live-stash/test-servers";

/** A Redis and three NATS servers, and the environment with their addresses. */
export interface Services {
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Starts the services without proxies, which would be as busy as the users of this process. */
export async function startServices(): Promise<Services> {
  const clusterPorts = [await freePort(), await freePort(), await freePort()];
  const [redis, ...nats] = await Promise.all([
    startRedis(),
    ...clusterPorts.map((clusterPort, index) =>
      startNats({
        name: `n${index + 1}`,
        clusterPort,
        peers: clusterPorts
          .filter((port) => port !== clusterPort)
          .map((port) => `127.0.0.1:${port}`),
      }),
    ),
  ]);
  await Promise.any(nats.map((server) => server.untilLine(/Self is new .* metadata leader/)));
  return {
    env: { REDIS_URL: redis.url, NATS_URL: nats.map(({ url }) => url).join(",") },
    async close() {
      await Promise.all([redis.close(), ...nats.map((server) => server.close())]);
    },
  };
}
