import { isAbsolute } from "node:path";
import { findSecrets } from "../../crypto/secrets.ts";
import {
  type CheckedOptions,
  checkOptions,
  invalidOption,
  type OptionTable,
} from "../../option-checks.ts";
import type { PeerNetwork } from "../peer-network.ts";
import {
  createDnsDirectory,
  createStaticDirectory,
  type PeerDirectory,
  socketPathOf,
  UNIX_PROTOCOL,
} from "./directory.ts";
import { createHttpNetwork } from "./http-network.ts";
import { requirePreSharedKeys } from "./secure-channel.ts";
import type { PeerUpgradeHandler } from "./upgrade.ts";

/** A port for peers, or a Unix domain socket. */
export type PeerListenOptions =
  | {
      /** 1 to 65,535, or 0 for a free one. */
      readonly port: number;
      /** An IPv4 or IPv6 address, or a name. Default: all interfaces. */
      readonly host?: string;
    }
  | {
      /**
       * The absolute path of a socket, in a folder that only this user can enter; not on Windows. The
       * socket of a process that was killed is replaced.
       */
      readonly path: string;
    };

interface CommonOptions {
  /**
   * Answers peers at an address of the network's own. Without it, pass the upgrades of your own server to
   * the network's `handleUpgrade`, at the path that stands in `nodes` (or `path`).
   */
  readonly listen?: PeerListenOptions;
  /**
   * At least 32 characters, the same on all nodes. Of several secrets a node asks with the first and
   * accepts all. Default: the environment variable `LIVE_STASH_SECRET`, as for `liveStash()`.
   */
  readonly secret?: string | readonly string[];
}

/** Lists the nodes by their URLs. */
export interface ListedPeersOptions extends CommonOptions {
  /**
   * Such as `["http://10.0.0.1:4100", "http://[fd00::2]:4100"]`; this node itself may be among them. A
   * Unix domain socket is `http+unix://%2Frun%2Fshop%2Fone.sock`, its path escaped.
   */
  readonly nodes: readonly string[];
}

/** Finds the nodes behind one name, such as that of a headless service of Kubernetes. */
export interface NamedPeersOptions extends CommonOptions {
  /** Such as "live-stash.default.svc". Resolved again when a node is missing, at most every second. */
  readonly dns: string;
  readonly port: number;
  /** Default "/". */
  readonly path?: string;
}

export type PeersOverHttpOptions = ListedPeersOptions | NamedPeersOptions;

/** Nodes that reach each other over HTTP. */
export interface HttpPeers extends PeerNetwork {
  /** Accepts connections of peers: without `listen`, call it on the event `upgrade` of your own server. */
  readonly handleUpgrade: PeerUpgradeHandler;
  /** The port of the network's own server, once the adapter is `ready()`. */
  readonly port: number | undefined;
}

const caller = "peersOverHttp";
const MAX_PORT = 65_535;
const PORT_ADVICE = "Give the port of the peers.";
/** A path that an HTTP request can name. */
const PATH = /^\/[\x21-\x7e]*$/;

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

const OPTIONS = {
  nodes: {
    kind: "value",
    accepts: (nodes) => Array.isArray(nodes) && nodes.every(isNodeUrl),
    expected:
      "a list of URLs such as http://10.0.0.1:4100, http://[fd00::2]:4100 or " +
      "http+unix://%2Frun%2Fshop%2Fone.sock, without a user or a query",
    advice: "Connections between peers are encrypted with the secret, so they need no https.",
  },
  dns: {
    kind: "value",
    accepts: isText,
    expected: "a host name",
    advice: "Leave out the port: it is an option of its own.",
  },
  port: { kind: "number", most: MAX_PORT, advice: PORT_ADVICE },
  path: {
    kind: "value",
    accepts: (path) => typeof path === "string" && PATH.test(path),
    expected: 'a path that begins with "/", escaped as in a URL',
    default: "/",
    advice: "Leave it out for `/`.",
  },
  listen: {
    kind: "value",
    accepts: (listen) => typeof listen === "object" && listen !== null,
    expected: "an object with a port or a path",
    advice: "Leave it out to pass on the upgrades of your own server.",
  },
  secret: { kind: "unchecked" },
} as const satisfies OptionTable<AllOptions>;

type AllOptions = Partial<ListedPeersOptions & NamedPeersOptions>;

const LISTEN_OPTIONS = {
  "listen.port": { kind: "number", least: 0, most: MAX_PORT, advice: PORT_ADVICE },
  "listen.host": {
    kind: "value",
    accepts: isText,
    expected: "an address",
    advice: "Leave it out for all interfaces.",
  },
  "listen.path": {
    kind: "value",
    accepts: (path) => typeof path === "string" && isAbsolute(path) && process.platform !== "win32",
    expected: "the absolute path of a Unix domain socket",
    advice: "Not on Windows: give a port there.",
  },
} as const satisfies OptionTable<ListenOptions>;

interface ListenOptions {
  readonly "listen.port"?: number;
  readonly "listen.host"?: string;
  readonly "listen.path"?: string;
}

/**
 * Connects the nodes of an application over HTTP, without any other service: for the option `peers` of
 * `createMemoryAdapter`. Connections are encrypted and authenticated with TLS 1.3, by a key that is derived
 * from the application's secret.
 *
 * Throws a `StashError` with `invalid_option`, or `missing_secret` in production.
 */
export function peersOverHttp(options: PeersOverHttpOptions): HttpPeers {
  const checked = checkOptions(caller, options as AllOptions, OPTIONS);
  const directory = directoryOf(checked);
  const listen = checked.listen === undefined ? undefined : checkListen(checked.listen);
  requirePreSharedKeys(caller);
  return createHttpNetwork({
    secrets: findSecrets(checked.secret, { of: caller }),
    directory,
    // Each worker of a `node:cluster` is a node of its own, so they must not share a port.
    listen:
      listen === undefined ? undefined : () => Promise.resolve({ ...listen, exclusive: true }),
  });
}

function directoryOf({
  nodes,
  dns,
  port,
  path,
}: CheckedOptions<AllOptions, typeof OPTIONS>): () => PeerDirectory {
  if ((nodes === undefined) === (dns === undefined)) {
    throw invalidOption({
      caller,
      option: "options",
      expected: "either `nodes` or `dns`",
      found: nodes === undefined ? "neither" : "both",
      advice: "List the URLs of all nodes, or give the name behind which they are.",
    });
  }
  if (dns === undefined) {
    const urls = (nodes ?? []).map((node) => new URL(node));
    return () => createStaticDirectory(urls);
  }
  if (port === undefined) throw missing("port", "a port");
  return () => createDnsDirectory(dns, port, path);
}

function checkListen(listen: object): PeerListenOptions {
  const given: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(listen)) given[`listen.${name}`] = value;
  const checked = checkOptions(caller, given as ListenOptions, LISTEN_OPTIONS);
  const { "listen.port": port, "listen.host": host, "listen.path": path } = checked;
  if (path === undefined) {
    if (port === undefined) throw missing("listen.port", "a port, or a path in its place");
    return host === undefined ? { port } : { port, host };
  }
  if (port === undefined && host === undefined) return { path };
  throw invalidOption({
    caller,
    option: "listen.path",
    expected: "the path of a Unix domain socket without a port or a host",
    found: "both",
    advice: "Leave out one of them.",
  });
}

function missing(option: string, expected: string): Error {
  return invalidOption({ caller, option, expected, found: "nothing", advice: PORT_ADVICE });
}

function isNodeUrl(node: unknown): boolean {
  if (typeof node !== "string" || !URL.canParse(node)) return false;
  const url = new URL(node);
  const isPlain = url.username === "" && url.search === "";
  return isPlain && (url.protocol === "http:" || isSocketUrl(url));
}

function isSocketUrl(url: URL): boolean {
  try {
    return url.protocol === UNIX_PROTOCOL && url.port === "" && isAbsolute(socketPathOf(url));
  } catch {
    return false;
  }
}
