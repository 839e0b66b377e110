import { isIPv6 } from "node:net";
import { checkOptions, MAX_TIMER_MS, type OptionRow, type OptionTable } from "live-stash/adapter";

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

type Optional = "token" | "storeDir" | "name";
export type ServerSettings = Required<Omit<StartNatsServerOptions, Optional>> & {
  readonly [Name in Optional]: string | undefined;
};

const TEXT = {
  kind: "value",
  // Quotes and line ends would end the string in the configuration.
  accepts: (value) => typeof value === "string" && /^[^"\\\r\n]+$/.test(value),
  expected: "text without quotes, backslashes and line ends",
} as const satisfies OptionRow;
const LINES = {
  kind: "value",
  accepts: (value) => Array.isArray(value) && value.every((item) => typeof item === "string"),
  expected: "an array of strings",
  default: [],
} as const satisfies OptionRow;
const TABLE = {
  peers: {
    kind: "value",
    accepts: (value) => Array.isArray(value) && value.every(isPeer),
    expected: 'an array of addresses such as "10.0.0.2:6222" and "[fd00::2]:6222"',
    default: [],
  },
  port: { kind: "number", default: 4222, least: 0, most: 65_535 },
  clusterPort: { kind: "number", default: 6222, least: 0, most: 65_535 },
  host: { ...TEXT, default: "127.0.0.1" },
  clusterHost: TEXT,
  name: TEXT,
  clusterName: { ...TEXT, default: "live-stash" },
  storeDir: TEXT,
  maxMemoryBytes: { kind: "number", default: 1_073_741_824 },
  maxFileBytes: { kind: "number", default: 10_737_418_240 },
  token: TEXT,
  config: LINES,
  jetstreamConfig: LINES,
  clusterConfig: LINES,
  binary: { ...TEXT, default: "nats-server" },
  readyTimeoutMs: { kind: "number", default: 10_000, most: MAX_TIMER_MS },
} as const satisfies OptionTable<StartNatsServerOptions>;

/** Checks the options. Throws `invalid_option`. */
export function parseServerOptions(options: StartNatsServerOptions): ServerSettings {
  const checked = checkOptions("startNatsServer", options, TABLE);
  const { host, clusterHost = host } = checked;
  return {
    ...checked,
    host: withoutBrackets(host),
    clusterHost: withoutBrackets(clusterHost),
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
function isPeer(peer: unknown): boolean {
  return typeof peer === "string" && /^(\[[0-9A-Fa-f:.%\w]+\]|[^\s"@/:[\]]+):\d+$/.test(peer);
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
