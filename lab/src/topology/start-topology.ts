import { randomBytes } from "node:crypto";
import { startNginx, startRedis } from "@live-stash/test-servers";
import type { Fault } from "../app/fault.ts";
import type { AdapterName } from "../result.ts";
import type { ApplicationCode } from "./application-code.ts";
import { type ApplicationNode, type NodeSecrets, startNode } from "./start-node.ts";
import { type NatsServers, startNatsServers } from "./start-nats-servers.ts";
import { freePorts } from "./free-ports.ts";
import { Stoppers } from "./stoppers.ts";

/** The settings of a topology. */
export interface TopologyOptions {
  readonly adapter: AdapterName;
  readonly ttlMs: number;
  /** Whether the page stashes by hand, as the control does, instead of with LiveStash. Default: `false`. */
  readonly isByHand?: boolean;
  readonly code: ApplicationCode;
  readonly fault: Fault | undefined;
  /** The limit on users that are connected at once. */
  readonly maxConnections: number;
  /** The folder into which each node writes a CPU profile when it ends. Default: no profile. */
  readonly profileFolder?: string | undefined;
  /** The port to visit. Default: a free one. */
  readonly port?: number;
}

/** Two new nodes behind nginx, which alternates between them, and the services of their adapter. */
export interface Topology {
  /** The address that users visit. */
  readonly url: string;
  readonly nodes: readonly ApplicationNode[];
  readonly nginx: { readonly pid: number; readonly statusUrl: string };
  readonly redisPort: number | undefined;
  readonly nats: NatsServers | undefined;
  /** Rejects as soon as a part ends unexpectedly. Never settles otherwise. */
  readonly failed: Promise<never>;
  /** Collects further parts, which are stopped with the rest. */
  readonly stoppers: Stoppers;
  /** Stops all parts, and deletes their files. */
  stop(): Promise<void>;
}

const NODES = ["node-1", "node-2"];
const HOST = "127.0.0.1";
const ANYWHERE = { host: HOST, port: 0, controlPort: 0 } as const;

/** Starts a topology. If one part fails to start, the others are stopped again. */
export async function startTopology(options: TopologyOptions): Promise<Topology> {
  const stoppers = new Stoppers();
  try {
    return await start(options, stoppers);
  } catch (error) {
    await stoppers.stopAll();
    throw error;
  }
}

async function start(options: TopologyOptions, stoppers: Stoppers): Promise<Topology> {
  const { adapter, ttlMs, isByHand = false, code, fault, maxConnections, port } = options;
  const redis = adapter === "redis" ? await startRedis() : undefined;
  if (redis !== undefined) stoppers.add(() => redis.close());
  const nats = adapter === "nats" ? await startNatsServers(stoppers) : undefined;

  const secret = (): string => randomBytes(32).toString("hex");
  const secrets: NodeSecrets = { viewSecret: secret(), stashSecret: secret() };
  const [statusPort, ...ports] = await freePorts(1 + NODES.length);
  const peerPorts = adapter === "memory" ? ports : [];
  let isStopping = false;
  const startings = NODES.map(async (name, index): Promise<ApplicationNode> => {
    const services = {
      redisUrl: redis?.url,
      natsUrl: nats?.url,
      peerPort: peerPorts[index],
      peers: peerPorts.map((peerPort) => `http://${HOST}:${peerPort}`),
    };
    const settings = { name, adapter, ttlMs, isByHand, fault, ...ANYWHERE, services };
    const node = await startNode(code, settings, secrets, options.profileFolder);
    stoppers.add(() => node.stop());
    return node;
  });
  // Wait for both nodes even if one fails to start: only then are all registered to be stopped.
  await Promise.allSettled(startings);
  const nodes = await Promise.all(startings);
  const ended = nodes.map((node) => failOnExit(node.name, node, () => isStopping));

  const nginx = await startNginx({
    nodes: nodes.map((node) => node.port),
    maxConnections,
    lines: [
      // A pair of addresses has some 28,000 ports, so nginx uses the users' source addresses too.
      "proxy_bind $remote_addr;",
      `server { listen 127.0.0.1:${statusPort}; location / { stub_status; } }`,
    ],
    ...(port === undefined ? {} : { port }),
  });
  stoppers.add(() => nginx.close());
  ended.push(failOnExit("nginx", nginx, () => isStopping));
  const failed = Promise.race(ended);
  failed.catch(() => undefined);

  return {
    url: nginx.url,
    nodes,
    nginx: { pid: nginx.pid, statusUrl: `http://127.0.0.1:${statusPort}/` },
    redisPort: redis?.port,
    nats,
    failed,
    stoppers,
    async stop() {
      isStopping = true;
      await stoppers.stopAll();
    },
  };
}

interface Exiting {
  readonly exited: Promise<unknown>;
  output(): string;
}

async function failOnExit(name: string, part: Exiting, isStopping: () => boolean): Promise<never> {
  await part.exited;
  if (isStopping()) return new Promise(() => undefined);
  throw new Error(`${name} ended during the run. Its output:\n${part.output()}`);
}
