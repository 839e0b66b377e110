import { ADAPTER_NAMES, type AdapterName } from "../result.ts";
import { type Fault, parseFault } from "./fault.ts";

/** The settings of one node of the application, read from its environment. */
export interface NodeSettings {
  /** "node-1", "node-2". */
  readonly name: string;
  /** The adapter of the node's second page. The first is always the baseline. */
  readonly adapter: AdapterName;
  readonly ttlMs: number;
  /** Whether the page stashes by hand, as the control does, instead of with LiveStash. */
  readonly isByHand: boolean;
  readonly fault: Fault | undefined;
  /** The address at which the node listens for users, the lab and its peers. */
  readonly host: string;
  /** The port for users; 0: a free one. */
  readonly port: number;
  /** The port for samples and metrics; 0: a free one. */
  readonly controlPort: number;
  readonly services: ServiceAddresses;
}

/** Reads the settings that `nodeEnvironment` wrote. @throws Error if one is missing or invalid. */
export function readNodeSettings(env: NodeJS.ProcessEnv): NodeSettings {
  const adapter = ADAPTER_NAMES.find((name) => name === env.LAB_ADAPTER);
  const ttlMs = Number(env.LAB_TTL_MS);
  if (adapter === undefined || !Number.isInteger(ttlMs) || ttlMs <= 0) {
    throw new Error(
      `Starting a node of the lab: expected LAB_ADAPTER to be one of ${ADAPTER_NAMES.join(", ")} ` +
        `and LAB_TTL_MS to be a whole number of ms, got "${env.LAB_ADAPTER}" and ` +
        `"${env.LAB_TTL_MS}". The lab sets both: start nodes with \`npm run lab -- serve\`.`,
    );
  }
  return {
    name: env.LAB_NODE ?? "node",
    adapter,
    ttlMs,
    isByHand: env.LAB_BY_HAND === "1",
    fault: parseFault(env.LAB_FAULT),
    host: env.LAB_HOST ?? "127.0.0.1",
    port: Number(env.LAB_PORT ?? 0),
    controlPort: Number(env.LAB_CONTROL_PORT ?? 0),
    services: {
      redisUrl: env.REDIS_URL,
      natsUrl: env.NATS_URL,
      peerPort: env.LAB_PEER_PORT === undefined ? undefined : Number(env.LAB_PEER_PORT),
      peers: env.LAB_PEERS?.split(",") ?? [],
    },
  };
}

/** Returns the environment variables from which `readNodeSettings` reads these settings. */
export function nodeEnvironment(settings: NodeSettings): Record<string, string | undefined> {
  const { peerPort, peers } = settings.services;
  return {
    LAB_NODE: settings.name,
    LAB_ADAPTER: settings.adapter,
    LAB_TTL_MS: String(settings.ttlMs),
    LAB_BY_HAND: settings.isByHand ? "1" : undefined,
    LAB_FAULT: settings.fault,
    LAB_HOST: settings.host,
    LAB_PORT: String(settings.port),
    LAB_CONTROL_PORT: String(settings.controlPort),
    REDIS_URL: settings.services.redisUrl,
    NATS_URL: settings.services.natsUrl,
    LAB_PEER_PORT: peerPort === undefined ? undefined : String(peerPort),
    LAB_PEERS: peerPort === undefined ? undefined : peers.join(","),
  };
}

/** The addresses of an adapter's service or peers. */
export interface ServiceAddresses {
  readonly redisUrl: string | undefined;
  /** Separated by commas. */
  readonly natsUrl: string | undefined;
  /** The port at which this node's memory adapter listens for its peers. */
  readonly peerPort: number | undefined;
  /** The addresses of all nodes' memory adapters, this one's too, such as `http://127.0.0.1:4101`. */
  readonly peers: readonly string[];
}

/** Returns the ports of all nodes' memory adapters, this one's too. */
export const peerPortsOf = ({ peers }: ServiceAddresses): readonly number[] =>
  peers.map((node) => Number(new URL(node).port));

/** @throws Error if `REDIS_URL` is not set. */
export const redisUrlOf = ({ redisUrl }: ServiceAddresses): string =>
  required(redisUrl, "REDIS_URL");

/** @throws Error if `NATS_URL` is not set. */
export const natsServersOf = ({ natsUrl }: ServiceAddresses): readonly string[] =>
  required(natsUrl, "NATS_URL").split(",");

function required(value: string | undefined, variable: string): string {
  if (value !== undefined && value !== "") return value;
  throw new Error(
    `Starting a node of the lab: expected ${variable} to be set for this adapter, got nothing.`,
  );
}
