import { isAbsolute } from "node:path";
import { findSecrets } from "../../crypto/secrets.ts";
import {
  checkOptionNames,
  describeFound,
  invalidOption,
  positiveInteger,
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
/** A path that an HTTP request can name. */
const PATH = /^\/[\x21-\x7e]*$/;

/**
 * Connects the nodes of an application over HTTP, without any other service: for the option `peers` of
 * `createMemoryAdapter`. Connections are encrypted and authenticated with TLS 1.3, by a key that is derived
 * from the application's secret.
 *
 * Throws a `StashError` with `invalid_option`, or `missing_secret` in production.
 */
export function peersOverHttp(options: PeersOverHttpOptions): HttpPeers {
  const directory = parseDirectory(options);
  const listen = parseListen(options.listen);
  requirePreSharedKeys(caller);
  return createHttpNetwork({
    secrets: findSecrets(options.secret, { of: caller }),
    directory,
    // Each worker of a `node:cluster` is a node of its own, so they must not share a port.
    listen:
      listen === undefined ? undefined : () => Promise.resolve({ ...listen, exclusive: true }),
  });
}

function parseDirectory(options: PeersOverHttpOptions): () => PeerDirectory {
  checkOptionNames(caller, options, ["nodes", "dns", "port", "path", "listen", "secret"]);
  if ("nodes" in options === "dns" in options) {
    throw invalidOption({
      caller,
      option: "options",
      expected: "either `nodes` or `dns`",
      found: "nodes" in options ? "both" : "neither",
      advice: "List the URLs of all nodes, or give the name behind which they are.",
    });
  }
  if ("nodes" in options) {
    const urls = parseNodes(options.nodes);
    return () => createStaticDirectory(urls);
  }
  const { dns, path = "/" } = options;
  if (typeof dns !== "string" || dns === "") {
    throw wrong("dns", "a host name", dns, "Leave out the port: it is an option of its own.");
  }
  if (typeof path !== "string" || !PATH.test(path)) {
    const expected = 'a path that begins with "/", escaped as in a URL';
    throw wrong("path", expected, path, "Leave it out for `/`.");
  }
  const port = parsePort("port", options.port);
  return () => createDnsDirectory(dns, port, path);
}

function parseListen(listen: unknown): PeerListenOptions | undefined {
  if (listen === undefined) return undefined;
  checkOptionNames(`${caller}.listen`, listen, ["port", "host", "path"]);
  const { port, host, path } = listen as { port: unknown; host: unknown; path: unknown };
  if (path !== undefined) return { path: parseSocketPath(path, port ?? host) };
  if (host !== undefined && typeof host !== "string") {
    throw wrong("listen.host", "an address", host, "Leave it out for all interfaces.");
  }
  const parsed = { port: port === 0 ? 0 : parsePort("listen.port", port) };
  return host === undefined ? parsed : { ...parsed, host };
}

function parseSocketPath(path: unknown, portOrHost: unknown): string {
  const isPath = typeof path === "string" && isAbsolute(path) && process.platform !== "win32";
  if (isPath && portOrHost === undefined) return path;
  throw wrong(
    "listen.path",
    "the absolute path of a Unix domain socket, without a port or a host",
    portOrHost === undefined ? path : "a port or a host besides",
    "Not on Windows: give a port there.",
  );
}

function isSocketUrl(url: URL): boolean {
  try {
    return url.protocol === UNIX_PROTOCOL && url.port === "" && isAbsolute(socketPathOf(url));
  } catch {
    return false;
  }
}

function parseNodes(nodes: unknown): URL[] {
  if (!Array.isArray(nodes)) {
    throw wrong("nodes", "a list of URLs", nodes, 'Such as ["http://10.0.0.1:4100"].');
  }
  return nodes.map((node: unknown) => {
    const url = typeof node === "string" && URL.canParse(node) ? new URL(node) : undefined;
    const isPlain = url?.username === "" && url.search === "";
    if (isPlain && (url.protocol === "http:" || isSocketUrl(url))) return url;
    throw wrong(
      "nodes",
      "URLs such as http://10.0.0.1:4100, http://[fd00::2]:4100 or " +
        "http+unix://%2Frun%2Fshop%2Fone.sock, without a user or a query",
      node,
      "Connections between peers are encrypted with the secret, so they need no https.",
    );
  });
}

function parsePort(option: string, value: unknown): number {
  if (value === undefined) throw wrong(option, "a port", value, "Give the port of the peers.");
  const port = positiveInteger(caller, option, value, 0);
  if (port <= MAX_PORT) return port;
  throw wrong(option, `at most ${MAX_PORT}`, port, "Give the port of the peers.");
}

function wrong(option: string, expected: string, value: unknown, advice: string): Error {
  return invalidOption({ caller, option, expected, found: describeFound(value), advice });
}
