import { isIPv6 } from "node:net";
import { wrongOption } from "../nats-errors.ts";

/** How to start a nats-server, and whom it belongs together with. */
export interface StartNatsServerOptions {
  /**
   * `host:port` of the cluster ports of the other servers, all of them; IPv6 addresses in brackets, such
   * as `[fd00::2]:6222`. Default: none, which makes a server on its own.
   */
  readonly peers?: readonly string[];
  /** Where clients connect. Default 4222; 0 takes a free port. */
  readonly port?: number;
  /** Where the peers connect. Default 6222; 0 takes a free port. Only used with `peers`. */
  readonly clusterPort?: number;
  /** The address that clients connect to, such as "10.0.0.1" or "::1". Default "127.0.0.1". */
  readonly host?: string;
  /** The address that peers connect to. Default: `host`. On other machines they need another one. */
  readonly clusterHost?: string;
  /** Names this server in its cluster, and stays the same when it is started again. Default: its host and cluster port. */
  readonly name?: string;
  /** The same for all peers. Default "live-stash". */
  readonly clusterName?: string;
  /**
   * The folder for what the server keeps, also about its cluster. Default: a temporary one, which
   * is removed when it stops.
   */
  readonly storeDir?: string;
  /** How much memory the stashes on this server may take, in bytes. Default 1,073,741,824 (1 GiB). */
  readonly maxMemoryBytes?: number;
  /** How much `storeDir` may take, in bytes. Default 10,737,418,240 (10 GiB). */
  readonly maxFileBytes?: number;
  /** What clients and peers must know. Default: none, so that whoever reaches the ports may connect. */
  readonly token?: string;
  /** Further lines of the server's configuration. */
  readonly config?: readonly string[];
  /** Further lines of the `jetstream` block, such as `sync_interval: always` (2.10 or newer). */
  readonly jetstreamConfig?: readonly string[];
  /** Further lines of the `cluster` block of its configuration. */
  readonly clusterConfig?: readonly string[];
  /** The executable. Default "nats-server", to be found on `PATH`. 2.9.10 or newer. */
  readonly binary?: string;
  /** How long to wait until it is ready, in ms. Default 10,000. */
  readonly readyTimeoutMs?: number;
}

export type ServerSettings = Required<Omit<StartNatsServerOptions, "token" | "storeDir" | "name">> &
  Pick<StartNatsServerOptions, "token" | "storeDir" | "name">;

const of = "startNatsServer";
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
  port: { fallback: 4222, from: 0, to: 65_535 },
  clusterPort: { fallback: 6222, from: 0, to: 65_535 },
  maxMemoryBytes: { fallback: 1_073_741_824, from: 1, to: Number.MAX_SAFE_INTEGER },
  maxFileBytes: { fallback: 10_737_418_240, from: 1, to: Number.MAX_SAFE_INTEGER },
  readyTimeoutMs: { fallback: 10_000, from: 1, to: 2_147_483_647 },
} as const;
const LISTS = ["peers", "config", "jetstreamConfig", "clusterConfig"] as const;

/** Rejects with `invalid_option`. */
export function parseServerOptions(options: StartNatsServerOptions): ServerSettings {
  const known: readonly string[] = [...STRINGS, ...Object.keys(NUMBERS), ...LISTS];
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw wrongOption(of, unknown, `one of ${known.join(", ")}`, "another name");
  }
  for (const name of STRINGS) {
    const value: unknown = options[name];
    // Quotes and line ends would end the string in the configuration.
    const isText = typeof value === "string" && /^[^"\\\r\n]+$/.test(value);
    if (value !== undefined && !isText) {
      throw wrongOption(
        of,
        name,
        "text without quotes, backslashes and line ends",
        describe(value),
      );
    }
  }
  for (const name of LISTS) {
    const value: unknown = options[name];
    const isList = Array.isArray(value) && value.every((item) => typeof item === "string");
    if (value !== undefined && !isList) {
      throw wrongOption(of, name, "an array of strings", describe(value));
    }
  }
  for (const peer of options.peers ?? []) {
    if (!isPeer(peer)) {
      const expected = 'addresses such as "10.0.0.2:6222" and "[fd00::2]:6222"';
      throw wrongOption(of, "peers", expected, "something else");
    }
  }
  const number = (name: keyof typeof NUMBERS): number => {
    const { fallback, from, to } = NUMBERS[name];
    const value: unknown = options[name] ?? fallback;
    const isGood = typeof value === "number" && Number.isInteger(value);
    if (isGood && value >= from && value <= to) return value;
    throw wrongOption(of, name, `a whole number from ${from} to ${to}`, describe(value));
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

/** A host as it stands before a port: an IPv6 address in brackets. */
export function hostInUrl(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}

function withoutBrackets(host: string): string {
  const inside = /^\[(.*)\]$/.exec(host)?.[1] ?? "";
  return isIPv6(inside) ? inside : host;
}

/** `host:port`, where the host has colons only within brackets. */
function isPeer(peer: string): boolean {
  return /^(\[[0-9A-Fa-f:.%\w]+\]|[^\s"@/:[\]]+):\d+$/.test(peer);
}

function describe(value: unknown): string {
  return typeof value === "number"
    ? String(value)
    : typeof value === "string"
      ? "other text"
      : typeof value;
}

/** What peers call themselves to each other, where there is a token. */
const ROUTE_USER = "live-stash";

/** The configuration of a nats-server with JetStream, in its own format. */
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
  const login = token === undefined ? "" : `${ROUTE_USER}:${encodeURIComponent(token)}@`;
  const routes = peers.map((peer) => `"nats-route://${login}${peer}"`);
  return [
    "cluster {",
    `  name: "${clusterName}"`,
    `  listen: "${hostInUrl(clusterHost)}:${listenPort(clusterPort)}"`,
    `  routes: [${routes.join(", ")}]`,
    ...(token === undefined
      ? []
      : [`  authorization { user: "${ROUTE_USER}", password: "${token}" }`]),
    ...lines.map((line) => `  ${line}`),
    "}",
  ];
}

/** nats-server's word for any free port is -1. */
function listenPort(port: number): number {
  return port === 0 ? -1 : port;
}
