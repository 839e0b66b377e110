import { isIPv6 } from "node:net";
import { describeValue, invalidOption } from "../nats-errors.ts";

/** The options of a nats-server, and the other servers of its cluster. */
export interface StartNatsServerOptions {
  /**
   * The cluster ports of all other servers as `host:port`, with IPv6 addresses in brackets, such as
   * `[fd00::2]:6222`. Default: none, which starts a server without a cluster.
   */
  readonly peers?: readonly string[];
  /** The port for clients. Default 4222; 0 takes a free port. */
  readonly port?: number;
  /** The port for peers. Default 6222; 0 takes a free port. Only used with `peers`. */
  readonly clusterPort?: number;
  /** The address for clients, such as "10.0.0.1" or "::1". Default "127.0.0.1". */
  readonly host?: string;
  /** The address for peers. Default: `host`. Peers on other machines need another one. */
  readonly clusterHost?: string;
  /** The server's name in its cluster, the same after a restart. Default: its host and cluster port. */
  readonly name?: string;
  /** The cluster's name, the same for all peers. Default "live-stash". */
  readonly clusterName?: string;
  /**
   * The folder for stored messages and the state of the cluster. Default: a temporary folder, which is
   * removed when the server stops.
   */
  readonly storeDir?: string;
  /** The memory limit for stashes on this server, in bytes. Default 1,073,741,824 (1 GiB). */
  readonly maxMemoryBytes?: number;
  /** The size limit of `storeDir`, in bytes. Default 10,737,418,240 (10 GiB). */
  readonly maxFileBytes?: number;
  /** The token that clients and peers must send. Default: none, so that anybody may connect. */
  readonly token?: string;
  /** Further lines of the server's configuration. */
  readonly config?: readonly string[];
  /** Further lines of the `jetstream` block, such as `sync_interval: always` (2.10 or newer). */
  readonly jetstreamConfig?: readonly string[];
  /** Further lines of the `cluster` block of its configuration. */
  readonly clusterConfig?: readonly string[];
  /** The executable, 2.9.10 or newer. Default "nats-server", found on `PATH`. */
  readonly binary?: string;
  /** The time in which the server must become ready, in ms. Default 10,000. */
  readonly readyTimeoutMs?: number;
}

export type ServerSettings = Required<Omit<StartNatsServerOptions, "token" | "storeDir" | "name">> &
  Pick<StartNatsServerOptions, "token" | "storeDir" | "name">;

const CALLER = "startNatsServer";
const STRINGS = [
  "host",
  "clusterHost",
  "name",
  "clusterName",
  "storeDir",
  "token",
  "binary",
] as const;
const NUMBERS = {
  port: { fallback: 4222, min: 0, max: 65_535 },
  clusterPort: { fallback: 6222, min: 0, max: 65_535 },
  maxMemoryBytes: { fallback: 1_073_741_824, min: 1, max: Number.MAX_SAFE_INTEGER },
  maxFileBytes: { fallback: 10_737_418_240, min: 1, max: Number.MAX_SAFE_INTEGER },
  // The longest time of a timer of Node.js.
  readyTimeoutMs: { fallback: 10_000, min: 1, max: 2_147_483_647 },
} as const;
const LISTS = ["peers", "config", "jetstreamConfig", "clusterConfig"] as const;

/** Checks the options. Throws `invalid_option`. */
export function parseServerOptions(options: StartNatsServerOptions): ServerSettings {
  const known: readonly string[] = [...STRINGS, ...Object.keys(NUMBERS), ...LISTS];
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw invalidOption(CALLER, unknown, `one of ${known.join(", ")}`, "another name");
  }
  for (const name of STRINGS) {
    const value: unknown = options[name];
    // Quotes and line ends would end the string in the configuration.
    const isText = typeof value === "string" && /^[^"\\\r\n]+$/.test(value);
    if (value !== undefined && !isText) {
      const expected = "text without quotes, backslashes and line ends";
      throw invalidOption(CALLER, name, expected, describeValue(value));
    }
  }
  for (const name of LISTS) {
    const value: unknown = options[name];
    const isList = Array.isArray(value) && value.every((item) => typeof item === "string");
    if (value !== undefined && !isList) {
      throw invalidOption(CALLER, name, "an array of strings", describeValue(value));
    }
  }
  for (const peer of options.peers ?? []) {
    if (isPeer(peer)) continue;
    const expected = 'addresses such as "10.0.0.2:6222" and "[fd00::2]:6222"';
    throw invalidOption(CALLER, "peers", expected, "another value");
  }
  const number = (name: keyof typeof NUMBERS): number => {
    const { fallback, min, max } = NUMBERS[name];
    const value: unknown = options[name] ?? fallback;
    const isValid = typeof value === "number" && Number.isInteger(value);
    if (isValid && value >= min && value <= max) return value;
    const expected = `a whole number from ${min} to ${max}`;
    throw invalidOption(CALLER, name, expected, describeValue(value));
  };
  const { host = "127.0.0.1", clusterHost = host } = options;
  return {
    peers: options.peers ?? [],
    config: options.config ?? [],
    jetstreamConfig: options.jetstreamConfig ?? [],
    clusterConfig: options.clusterConfig ?? [],
    host: withoutBrackets(host),
    clusterHost: withoutBrackets(clusterHost),
    clusterName: options.clusterName ?? "live-stash",
    binary: options.binary ?? "nats-server",
    port: number("port"),
    clusterPort: number("clusterPort"),
    maxMemoryBytes: number("maxMemoryBytes"),
    maxFileBytes: number("maxFileBytes"),
    readyTimeoutMs: number("readyTimeoutMs"),
    ...(options.token === undefined ? {} : { token: options.token }),
    ...(options.storeDir === undefined ? {} : { storeDir: options.storeDir }),
    ...(options.name === undefined ? {} : { name: options.name }),
  };
}

/** Returns a host as URLs write it before a port: an IPv6 address in brackets. */
export function hostInUrl(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}

function withoutBrackets(host: string): string {
  const inside = /^\[(.*)\]$/.exec(host)?.[1] ?? "";
  return isIPv6(inside) ? inside : host;
}

/** Accepts `host:port`, with colons in the host only within brackets. */
function isPeer(peer: string): boolean {
  return /^(\[[0-9A-Fa-f:.%\w]+\]|[^\s"@/:[\]]+):\d+$/.test(peer);
}

/** The user as which peers log in to each other if there is a token. */
const CLUSTER_USER = "live-stash";

/** Returns the configuration file of a nats-server with JetStream. */
export function serverConfig(settings: ServerSettings, name: string, storeDir: string): string {
  const { host, port, token, maxMemoryBytes, maxFileBytes, jetstreamConfig, config } = settings;
  return [
    `server_name: "${name}"`,
    `listen: "${hostInUrl(host)}:${listenPort(port)}"`,
    ...(token === undefined ? [] : [`authorization { token: "${token}" }`]),
    "jetstream {",
    `  store_dir: "${storeDir}"`,
    `  max_memory_store: ${maxMemoryBytes}`,
    `  max_file_store: ${maxFileBytes}`,
    ...jetstreamConfig.map((line) => `  ${line}`),
    "}",
    ...clusterConfig(settings),
    ...config,
    "",
  ].join("\n");
}

function clusterConfig(settings: ServerSettings): string[] {
  const { peers, clusterHost, clusterPort, clusterName, token, clusterConfig: lines } = settings;
  if (peers.length === 0) return [];
  const login = token === undefined ? "" : `${CLUSTER_USER}:${encodeURIComponent(token)}@`;
  const routes = peers.map((peer) => `"nats-route://${login}${peer}"`);
  return [
    "cluster {",
    `  name: "${clusterName}"`,
    `  listen: "${hostInUrl(clusterHost)}:${listenPort(clusterPort)}"`,
    `  routes: [${routes.join(", ")}]`,
    ...(token === undefined
      ? []
      : [`  authorization { user: "${CLUSTER_USER}", password: "${token}" }`]),
    ...lines.map((line) => `  ${line}`),
    "}",
  ];
}

/** Returns the port as nats-server writes it: -1 for any free port. */
function listenPort(port: number): number {
  return port === 0 ? -1 : port;
}
