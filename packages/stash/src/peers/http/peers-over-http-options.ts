import { isAbsolute } from "node:path";
import {
  checkOptionNames,
  describeFound,
  invalidOption,
  positiveInteger,
} from "../../option-checks.ts";

/** A port for peers, or a Unix domain socket. */
export type PeerListenOptions =
  | {
      /** 1 to 65,535, or 0 for a free one. */
      readonly port: number;
      /** An address of IPv4 or IPv6, or a name. Default: all interfaces. */
      readonly host?: string;
    }
  | {
      /**
       * The absolute path of a socket, in a folder that only this user can enter; not on Windows. One
       * that a killed process has left is replaced.
       */
      readonly path: string;
    };

interface CommonOptions {
  /**
   * Answers peers on a port of its own. Left out, give the network's `handleUpgrade` the upgrades of a
   * server of yours, at the path that stands in `nodes` (or `path`).
   */
  readonly listen?: PeerListenOptions;
  /**
   * At least 32 characters, the same on all nodes. Several: the first seals, all open. Default: the
   * environment variable `LIVE_STASH_SECRET`, as for `liveStash()`.
   */
  readonly secret?: string | readonly string[];
}

/** The nodes by their URLs. */
export interface ListedPeersOptions extends CommonOptions {
  /**
   * Such as `["http://10.0.0.1:4100", "http://[fd00::2]:4100"]`; this node itself may be among them. A
   * Unix domain socket is `http+unix://%2Frun%2Fshop%2Fone.sock`, its path escaped.
   */
  readonly nodes: readonly string[];
}

/** The nodes behind one name, such as that of a headless service of Kubernetes. */
export interface NamedPeersOptions extends CommonOptions {
  /** Such as "live-stash.default.svc". Resolved again when nodes are looked for, at most every second. */
  readonly dns: string;
  readonly port: number;
  /** Default "/". */
  readonly path?: string;
}

export type PeersOverHttpOptions = ListedPeersOptions | NamedPeersOptions;

const of = "peersOverHttp";
/** The protocol of URLs that have the escaped path of a socket for a host. */
export const UNIX_PROTOCOL = "http+unix:";
const MAX_PORT = 65_535;
/** What an HTTP request may ask for. */
const PATH = /^\/[\x21-\x7e]*$/;

/** Where the nodes are. */
export type PeerPlaces =
  | { readonly kind: "listed"; readonly urls: readonly URL[] }
  | { readonly kind: "named"; readonly dns: string; readonly port: number; readonly path: string };

/** Rejects with `invalid_option`. */
export function parsePeerPlaces(options: PeersOverHttpOptions): PeerPlaces {
  checkOptionNames(of, options, ["nodes", "dns", "port", "path", "listen", "secret"]);
  if ("nodes" in options === "dns" in options) {
    throw invalidOption({
      caller: of,
      option: "options",
      expected: "either `nodes` or `dns`",
      found: "nodes" in options ? "both" : "neither",
      advice: "List the URLs of all nodes, or give the name behind which they are.",
    });
  }
  if ("nodes" in options) return { kind: "listed", urls: parseNodes(options.nodes) };
  const { dns, path = "/" } = options;
  if (typeof dns !== "string" || dns === "") {
    throw wrong("dns", "a host name", dns, "Leave out the port: it is an option of its own.");
  }
  if (typeof path !== "string" || !PATH.test(path)) {
    throw wrong(
      "path",
      'a path that begins with "/", escaped as in a URL',
      path,
      "Leave it out for `/`.",
    );
  }
  return { kind: "named", dns, port: parsePort("port", options.port), path };
}

/** Rejects with `invalid_option`. */
export function parsePeerListen(listen: unknown): PeerListenOptions | undefined {
  if (listen === undefined) return undefined;
  checkOptionNames(`${of}.listen`, listen, ["port", "host", "path"]);
  const { port, host, path } = listen as { port: unknown; host: unknown; path: unknown };
  if (path !== undefined) return { path: parseSocketPath(path, port ?? host) };
  if (host !== undefined && typeof host !== "string") {
    throw wrong("listen.host", "an address", host, "Leave it out for all interfaces.");
  }
  const parsed = { port: port === 0 ? 0 : parsePort("listen.port", port) };
  return host === undefined ? parsed : { ...parsed, host };
}

function parseSocketPath(path: unknown, other: unknown): string {
  const isPath = typeof path === "string" && isAbsolute(path) && process.platform !== "win32";
  if (isPath && other === undefined) return path;
  throw wrong(
    "listen.path",
    "the absolute path of a Unix domain socket, without a port or a host",
    other === undefined ? path : "a port or a host besides",
    "Not on Windows: give a port there.",
  );
}

/** The path of the socket in a URL such as `http+unix://%2Frun%2Fshop%2Fone.sock/peers`. */
export const socketPathOf = ({ hostname }: URL): string => decodeURIComponent(hostname);

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
      "What goes over HTTP between peers is encrypted with the secret, so it needs no https.",
    );
  });
}

function parsePort(option: string, value: unknown): number {
  if (value === undefined) throw wrong(option, "a port", value, "Give the port of the peers.");
  const port = positiveInteger(of, option, value, 0);
  if (port <= MAX_PORT) return port;
  throw wrong(option, `at most ${MAX_PORT}`, port, "Give the port of the peers.");
}

function wrong(option: string, expected: string, value: unknown, advice: string): Error {
  return invalidOption({ caller: of, option, expected, found: describeFound(value), advice });
}
