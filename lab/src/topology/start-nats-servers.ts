import { startNats } from "@live-stash/test-servers";
import { freePorts } from "./free-ports.ts";
import type { Stoppers } from "./stoppers.ts";

/** Three nats-servers with JetStream, as one cluster. */
export interface NatsServers {
  /** For clients, separated by commas. */
  readonly url: string;
  readonly pids: readonly number[];
  /** The HTTP ports of the servers' monitoring. */
  readonly monitorPorts: readonly number[];
}

const SERVERS = 3;

/** Starts the servers, with direct routes: proxies in between would distort the measurements. */
export async function startNatsServers(stoppers: Stoppers): Promise<NatsServers> {
  const ports = await freePorts(3 * SERVERS);
  const clientPorts = ports.splice(0, SERVERS);
  const clusterPorts = ports.splice(0, SERVERS);
  const monitorPorts = ports;
  const servers = [];
  for (const [at, clusterPort] of clusterPorts.entries()) {
    const port = clientPorts[at];
    const server = await startNats({
      name: `n${at + 1}`,
      ...(port === undefined ? {} : { port }),
      clusterPort,
      peers: clusterPorts.filter((port) => port !== clusterPort).map((port) => `127.0.0.1:${port}`),
      config: [`http: "127.0.0.1:${monitorPorts[at]}"`],
    });
    stoppers.add(() => server.close());
    servers.push(server);
  }
  await Promise.any(
    servers.map((server) => server.untilLine(/Self is new JetStream cluster metadata leader/)),
  );
  return {
    url: servers.map(({ url }) => url).join(","),
    pids: servers.map(({ pid }) => pid),
    monitorPorts,
  };
}
