import { lookup } from "node:dns/promises";
import type { RequestOptions } from "node:http";

/** The place at which a node can be reached. */
export interface PeerAddress {
  /** Equal for equal places. */
  readonly key: string;
  readonly target: Pick<RequestOptions, "host" | "port" | "path" | "socketPath">;
}

/** Finds the addresses of all nodes of an application. */
export interface PeerDirectory {
  /**
   * Resolves with `undefined` if the addresses could not be read. Never rejects. `isUrgent`: a node is
   * missing that may be new.
   */
  addresses(isUrgent: boolean): Promise<readonly PeerAddress[] | undefined>;
  /** Called when no process listens at an address. */
  onRefused?(address: PeerAddress): void;
}

/** The protocol of URLs that have the escaped path of a Unix domain socket for a host. */
export const UNIX_PROTOCOL = "http+unix:";

/** Returns the path in a URL such as `http+unix://%2Frun%2Fshop%2Fone.sock/peers`. */
export const socketPathOf = ({ hostname }: URL): string => decodeURIComponent(hostname);

/** A directory of fixed URLs. */
export function createStaticDirectory(urls: readonly URL[]): PeerDirectory {
  const addresses = urls.map((url) => ({ key: url.href, target: targetOf(url) }));
  return { addresses: () => Promise.resolve(addresses) };
}

function targetOf(url: URL): PeerAddress["target"] {
  if (url.protocol === UNIX_PROTOCOL) {
    return { socketPath: socketPathOf(url), path: url.pathname === "" ? "/" : url.pathname };
  }
  return {
    // Node.js expects an IPv6 address without its brackets.
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? 80 : Number(url.port),
    path: url.pathname,
  };
}

/** The age up to which resolved addresses are used, in ms: the lifetime that name services commonly give. */
const FRESH_MS = 5_000;
/** The same while a node is missing, so that a new node is found with the next retry of its page. */
const FRESH_IF_URGENT_MS = 1_000;

/** Resolves a name to all its addresses. */
export type Resolve = (name: string) => Promise<readonly string[]>;

const resolveBySystem: Resolve = async (name) => {
  const found = await lookup(name, { all: true });
  return found.map(({ address }) => address);
};

/** Returns whether the name service answered that the name has no address. */
const isNotFound = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ENOTFOUND";

/** A directory of the addresses behind one name. It resolves the name only when asked for addresses. */
export function createDnsDirectory(
  name: string,
  port: number,
  path: string,
  resolve: Resolve = resolveBySystem,
): PeerDirectory {
  let known: readonly PeerAddress[] | undefined;
  let resolvedAtMs = -Infinity;
  let resolving: Promise<void> | undefined;

  const refresh = async (): Promise<void> => {
    try {
      const hosts = await resolve(name);
      known = hosts.map((host) => ({ key: host, target: { host, port, path } }));
    } catch (error) {
      // An outage of the name service does not remove nodes, so known addresses stay.
      if (isNotFound(error)) known ??= [];
    } finally {
      resolvedAtMs = performance.now();
      resolving = undefined;
    }
  };

  return {
    async addresses(isUrgent) {
      const ageMs = performance.now() - resolvedAtMs;
      if (ageMs > (isUrgent ? FRESH_IF_URGENT_MS : FRESH_MS)) {
        resolving ??= refresh();
        // Unless a node is missing, outdated addresses are better than a delay.
        if (isUrgent || ageMs === Infinity) await resolving;
      }
      return known;
    },
  };
}
