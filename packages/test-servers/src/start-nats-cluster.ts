import { setTimeout as delay } from "node:timers/promises";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { freePort } from "./free-port.ts";
import { type NatsNode, startNats } from "./start-nats.ts";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

const SERVERS = 3;
const METADATA_LEADER = /Self is new JetStream cluster metadata leader/;

/** One of the three servers. */
export interface NatsClusterServer extends NatsNode {
  /** The proxy between clients and the server, to which `url` leads. */
  readonly clients: TcpProxy;
  /** Cuts the server off from the other servers, but not from clients. No connection is closed. */
  isolate(): void;
  /** Ends `isolate`. Messages that were held back are delivered late. */
  rejoin(): void;
}

/** Three nats-servers with JetStream on 127.0.0.1; routes and clients go through proxies. */
export interface NatsCluster {
  readonly servers: readonly NatsClusterServer[];
  /** The URLs of the proxies for clients. */
  readonly urls: readonly string[];
  /** The network between the servers: one proxy for each pair and each direction of connecting. */
  readonly routes: readonly TcpProxy[];
  stop(): Promise<void>;
  start(): Promise<void>;
  pause(): void;
  resume(): void;
  /**
   * Resolves once all three servers have the adapter's whole stream: before, none may be lost. Rejects
   * after a minute.
   */
  untilHealed(): Promise<void>;
  close(): Promise<void>;
}

/** Additional settings of the servers. */
export interface StartNatsClusterOptions {
  /** Additional lines of each server's configuration. */
  readonly config?: readonly string[];
}

/** Starts a cluster, and resolves when it has a leader, which may not know all servers yet. */
export async function startNatsCluster(
  options: StartNatsClusterOptions = {},
): Promise<NatsCluster> {
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(closers.splice(0).map((closeIt) => closeIt()));
  };
  try {
    return await start(options, closers, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(
  { config = [] }: StartNatsClusterOptions,
  closers: (() => Promise<void>)[],
  close: () => Promise<void>,
): Promise<NatsCluster> {
  const openProxy = async (targetPort: number): Promise<TcpProxy> => {
    const proxy = await startTcpProxy({ targetPort });
    closers.push(() => proxy.close());
    return proxy;
  };
  const clusterPorts: number[] = [];
  for (let at = 0; at < SERVERS; at += 1) clusterPorts.push(await freePort());
  const routes: TcpProxy[] = [];
  /** For each server, the proxies of its connections to its peers, and of theirs to it. */
  const ofServer: TcpProxy[][] = clusterPorts.map(() => []);
  const servers: NatsClusterServer[] = [];
  for (const [at, clusterPort] of clusterPorts.entries()) {
    const peers: string[] = [];
    for (const [other, otherPort] of clusterPorts.entries()) {
      if (other === at) continue;
      const route = await openProxy(otherPort);
      routes.push(route);
      ofServer[at]?.push(route);
      ofServer[other]?.push(route);
      peers.push(`127.0.0.1:${route.port}`);
    }
    const port = await freePort();
    const node = await startNats({
      name: `n${at + 1}`,
      port,
      clusterPort,
      peers,
      config,
      clusterConfig: CLUSTER_CONFIG,
    });
    closers.push(() => node.close());
    const clients = await openProxy(port);
    servers.push(withNetwork(node, clients, ofServer[at] ?? []));
  }
  const untilLed = async (): Promise<void> => {
    await Promise.any(servers.map((server) => server.untilLine(METADATA_LEADER)));
  };
  await untilLed();
  const all = async (act: (server: NatsClusterServer) => Promise<void>): Promise<void> => {
    await Promise.all(servers.map(act));
  };
  return {
    servers,
    urls: servers.map(({ url }) => url),
    routes,
    stop: () => all((server) => server.stop()),
    async start() {
      await all((server) => server.start());
      await untilLed();
    },
    pause() {
      for (const server of servers) server.pause();
    },
    resume() {
      for (const server of servers) server.resume();
    },
    untilHealed: () => untilHealed(servers.map(({ url }) => url)),
    close,
  };
}

/** Only a limit against hanging. */
const HEALS_WITHIN_MS = 60_000;

async function untilHealed(urls: readonly string[]): Promise<void> {
  const untilMs = performance.now() + HEALS_WITHIN_MS;
  for (;;) {
    try {
      const connection = await connect({ servers: [...urls], timeout: 2_000, reconnect: false });
      try {
        const manager = await jetstreamManager(connection, { checkAPI: false, timeout: 2_000 });
        const { cluster } = await manager.streams.info("ls");
        const replicas = cluster?.replicas ?? [];
        if (replicas.length === 2 && replicas.every(({ current, lag }) => current && !(lag > 0))) {
          return;
        }
      } finally {
        await connection.close();
      }
    } catch (error) {
      if (performance.now() > untilMs) throw error;
    }
    if (performance.now() > untilMs) {
      throw new Error(`untilHealed(): expected 2 current replicas within ${HEALS_WITHIN_MS} ms.`);
    }
    await delay(50);
  }
}

/** Keeps servers from announcing addresses that bypass the proxies. */
const CLUSTER_CONFIG = ["no_advertise: true", 'advertise: "127.0.0.1:1"'];

function withNetwork(
  node: NatsNode,
  clients: TcpProxy,
  routes: readonly TcpProxy[],
): NatsClusterServer {
  return {
    port: clients.port,
    url: `nats://127.0.0.1:${clients.port}`,
    ca: undefined,
    get pid() {
      return node.pid;
    },
    clients,
    start: () => node.start(),
    stop: (signal) => node.stop(signal),
    pause: () => node.pause(),
    resume: () => node.resume(),
    untilLine: (pattern) => node.untilLine(pattern),
    close: () => node.close(),
    isolate() {
      for (const route of routes) route.pause();
    },
    rejoin() {
      for (const route of routes) route.resume();
    },
  };
}
