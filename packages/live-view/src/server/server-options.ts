import type { AddressInfo, ListenOptions as NodeListenOptions } from "node:net";
import { checkOptionNames, invalidOption } from "../errors.ts";
import type { HttpHandler } from "../first-render/http-handler.ts";
import type { Limits } from "../limits.ts";
import type { Logger } from "../logging/logger.ts";
import type { LiveRoute, LiveSession, RootLayout } from "../routing/routes.ts";
import type { OriginPolicy } from "../session/origin-policy.ts";
import type { SessionSource } from "../session/session-source.ts";

/** Options of `createLiveServer`. Only `routes` is required. */
export interface LiveServerOptions {
  /** Routes, alone or grouped by `liveSession`; the first that matches a URL wins. */
  readonly routes: readonly (LiveRoute | LiveSession)[];
  /**
   * Signs sessions and tokens, at least 32 characters; several for rotation, the newest first.
   * Default: the environment variable `LIVE_VIEW_SECRET`, separated by commas. Required in production;
   * elsewhere the server generates one for the project and keeps it in the user's state folder.
   */
  readonly secret?: string | readonly string[];
  /** The document around every view. Default: a minimal one that loads `clientScript`. */
  readonly rootLayout?: RootLayout;
  /** URL of the module script that the default layout loads. Default `/assets/app.js`. */
  readonly clientScript?: string;
  /** The title of pages whose view sets none. Default `LiveView`. */
  readonly defaultTitle?: string;
  /** The source of sessions. Default: a signed cookie, see `cookieSession`. */
  readonly sessions?: SessionSource;
  /** The origins of pages that may open a socket. Default `"same-host"`. */
  readonly origin?: OriginPolicy;
  /**
   * Whether to trust `X-Forwarded-Proto` and `X-Forwarded-Host`, or else `Forwarded`, for the URL that the
   * browser shows: for the URL of the first render, for `"same-host"`, and to decide whether the session's
   * cookie is `Secure`. Only for a server behind a proxy that always sets them: otherwise clients could.
   * Default false.
   */
  readonly trustProxy?: boolean;
  /** Limits on the resources that a client can use; see `Limits` for defaults and close codes. */
  readonly limits?: Partial<Limits>;
  /** Receives crashes and warnings. Default `console`. */
  readonly logger?: Logger;
  /** The clock for signed times, which other nodes check, in ms since the epoch; for tests. */
  readonly now?: () => number;
  /**
   * Monotonic clock in ms, for durations: the idle timeout and limits per minute; for tests.
   * Default `performance.now`.
   */
  readonly monotonicNow?: () => number;
}

/** Options of `attach`, which serves views on a server that the application owns. */
export interface AttachOptions {
  /**
   * Stops the server on SIGTERM and SIGINT, as `listen` stops its own: it accepts no more connections,
   * answers the requests in progress, ends the views, and has their hooks close their resources. Other
   * WebSockets of the server are cut off once the views have ended. Default false: its owner stops it.
   */
  readonly handleSignals?: boolean;
}

/** Options of `listen`. */
export interface ListenOptions {
  /** Default 4000; 0 takes a free one. */
  readonly port?: number;
  /** A name or an address, such as `0.0.0.0`, `::` or `::1`. Default `127.0.0.1`. */
  readonly host?: string;
  /** A Unix domain socket, instead of `port` and `host`. */
  readonly path?: string;
  /** Answers requests that are for no view, such as static files. Default: 404. */
  readonly fallback?: HttpHandler;
  /**
   * Closes the server and the resources of the views' hooks on SIGTERM and SIGINT: see
   * `LiveServer.close`. The process then exits unless something else keeps it running; a second signal
   * ends it at once. Default true.
   */
  readonly handleSignals?: boolean;
}

/** Options of `drain` and `close`. */
export interface DrainOptions {
  /** Sockets closed at a time. Default 100. */
  readonly batchSize?: number;
  /** Pause between batches in ms: clients reconnect at once, and the pause spreads them. Default 100. */
  readonly intervalMs?: number;
  /**
   * The longest that each step may take, in ms: requests, uploads and streams in progress, the
   * `terminate` of a socket's views, a hook's `onServerClose`. Default 10,000.
   */
  readonly timeoutMs?: number;
}

export const SERVER_OPTIONS: Record<keyof LiveServerOptions, true> = {
  routes: true,
  secret: true,
  rootLayout: true,
  clientScript: true,
  defaultTitle: true,
  sessions: true,
  origin: true,
  trustProxy: true,
  limits: true,
  logger: true,
  now: true,
  monotonicNow: true,
};
export const ATTACH_OPTIONS: Record<keyof AttachOptions, true> = { handleSignals: true };
const LISTEN_OPTIONS: Record<keyof ListenOptions, true> = {
  port: true,
  host: true,
  path: true,
  fallback: true,
  handleSignals: true,
};
const DRAIN_OPTIONS: Record<keyof DrainOptions, true> = {
  batchSize: true,
  intervalMs: true,
  timeoutMs: true,
};
const MAX_PORT = 65_535;
/** Longest duration of a Node.js timer, in ms: `setTimeout` fires at once for a longer one. */
const MAX_TIMER_MS = 2_147_483_647;

/** Checks where to listen, and converts it to the options of Node.js. */
export function parseAddress(options: ListenOptions): NodeListenOptions {
  checkOptionNames("listen", options, LISTEN_OPTIONS);
  const { port, host, path } = options;
  if (path !== undefined) {
    if (typeof path !== "string" || path === "") {
      throw invalidOption("listen", "path", "the path of a Unix domain socket", path);
    }
    if (port !== undefined || host !== undefined) {
      const option = port === undefined ? "host" : "port";
      throw invalidOption("listen", option, "none, as `path` is set", port ?? host);
    }
    return { path };
  }
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= MAX_PORT)) {
    throw invalidOption("listen", "port", `a whole number from 0 to ${MAX_PORT}`, port);
  }
  if (host !== undefined && (typeof host !== "string" || host === "")) {
    throw invalidOption("listen", "host", "a name or an address", host);
  }
  // In a URL, an IPv6 address stands in brackets.
  const bare = host?.replace(/^\[(.*)\]$/, "$1");
  return { port: port ?? 4000, host: bare ?? "127.0.0.1" };
}

/** Returns the URL of a listening server: `http:`, or `unix:` with the path of a Unix domain socket. */
export function urlOfAddress(address: AddressInfo | string | null): string {
  if (address === null || typeof address === "string") return `unix:${address ?? ""}`;
  const host = address.address.includes(":") ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}

/** Checks the options of `caller`, which drains, and completes them with the defaults. */
export function parseDrainOptions(caller: string, options: DrainOptions): Required<DrainOptions> {
  checkOptionNames(caller, options, DRAIN_OPTIONS);
  const { batchSize = 100, intervalMs = 100, timeoutMs = 10_000 } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw invalidOption(caller, "batchSize", "a whole number above 0", batchSize);
  }
  for (const [option, ms] of Object.entries({ intervalMs, timeoutMs })) {
    if (typeof ms === "number" && ms >= 0 && ms <= MAX_TIMER_MS) continue;
    throw invalidOption(caller, option, `a number of ms from 0 to ${MAX_TIMER_MS}`, ms);
  }
  return { batchSize, intervalMs, timeoutMs };
}
