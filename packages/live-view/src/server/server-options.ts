import type { Limits } from "../limits.ts";
import type { Logger } from "../logging/logger.ts";
import type { LiveRoute, LiveSession, RootLayout } from "../routing/routes.ts";
import type { OriginPolicy } from "../session/origin-policy.ts";
import type { SessionSource } from "../session/session-source.ts";
import type { AddressInfo, ListenOptions as NodeListenOptions } from "node:net";
import { LiveViewError } from "../errors.ts";
import { checkOptionNames, foundValue } from "../message-text.ts";
import type { HttpHandler } from "../first-render/http-handler.ts";

/** What `createLiveServer` takes. Only `routes` is required. */
export interface LiveServerOptions {
  /** Routes, alone or grouped by `liveSession`; the first that matches a URL wins. */
  readonly routes: readonly (LiveRoute | LiveSession)[];
  /**
   * Signs sessions and tokens, at least 32 characters; several for rotation, the newest first.
   * Default: the environment variable `LIVE_VIEW_SECRET`, separated by commas. Required in production;
   * elsewhere one is made up for the project and kept in the user's state folder.
   */
  readonly secret?: string | readonly string[];
  /** The document around every view. Default: a bare one that loads `clientScript`. */
  readonly rootLayout?: RootLayout;
  /** URL of the module script that the default layout loads. Default `/assets/app.js`. */
  readonly clientScript?: string;
  /** The title of pages whose view sets none. Default `LiveView`. */
  readonly defaultTitle?: string;
  /** Where sessions come from. Default: a signed cookie, see `cookieSession`. */
  readonly sessions?: SessionSource;
  /** Which pages may open a socket. Default `"same-host"`. */
  readonly origin?: OriginPolicy;
  /**
   * Whether `X-Forwarded-Proto` and `X-Forwarded-Host`, or else `Forwarded`, tell which URL the browser
   * shows: for the first render's URL, `"same-host"`, and whether the session's cookie is `Secure`. Only
   * behind a proxy that sets them, whatever the client sent: anybody else could say anything. Default false.
   */
  readonly trustProxy?: boolean;
  /** What one client may cost; see `Limits` for defaults and close codes. */
  readonly limits?: Partial<Limits>;
  /** Where crashes are reported. Default `console`. */
  readonly logger?: Logger;
  /** The clock, in ms since the epoch, for what is signed and checked elsewhere; for tests. */
  readonly now?: () => number;
  /**
   * A clock that nobody sets, in ms since any moment, for what lasts: silence, a minute of joins or of
   * crashes; for tests. Default `performance.now`.
   */
  readonly monotonicNow?: () => number;
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

/** Where a server listens, and for how long. */
export interface ListenOptions {
  /** Default 4000; 0 takes a free one. */
  readonly port?: number;
  /** A name or an address, such as `0.0.0.0`, `::` or `::1`. Default `127.0.0.1`. */
  readonly host?: string;
  /** A Unix domain socket, in place of `port` and `host`. */
  readonly path?: string;
  /** Answers requests that are for no view, such as static files. Default: 404. */
  readonly fallback?: HttpHandler;
  /**
   * Close on SIGTERM and SIGINT, with what the views' hooks hold: see `LiveServer.close`. The process
   * then ends by itself if nothing else keeps it; a second signal ends it at once. Default true.
   */
  readonly handleSignals?: boolean;
}

/** How a server stops. */
export interface DrainOptions {
  /** Sockets closed at a time. Default 100. */
  readonly batchSize?: number;
  /** Pause between batches in ms: clients come back at once, this spreads them. Default 100. */
  readonly intervalMs?: number;
  /**
   * The longest that each step may take, in ms: requests, uploads and streams that are under way, the
   * `terminate` of a socket's views, a hook's `onServerClose`. Default 10,000.
   */
  readonly timeoutMs?: number;
}

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
const MAX_TIMER_MS = 2_147_483_647;

function wrong(of: string, option: string, expected: string, found: unknown): LiveViewError {
  return new LiveViewError(
    "invalid_option",
    `${of}: expected \`${option}\` to be ${expected}, found ${foundValue(found)}.`,
  );
}

/** Checks where to listen, and gives it as Node.js takes it. */
export function parseAddress(options: ListenOptions): NodeListenOptions {
  checkOptionNames("listen", options, LISTEN_OPTIONS);
  const { port, host, path } = options;
  if (path !== undefined) {
    if (typeof path !== "string" || path === "") {
      throw wrong("listen", "path", "the path of a Unix domain socket", path);
    }
    if (port !== undefined || host !== undefined) {
      const found = port ?? host;
      throw wrong("listen", port === undefined ? "host" : "port", "left out beside `path`", found);
    }
    return { path };
  }
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= MAX_PORT)) {
    throw wrong("listen", "port", `a whole number from 0 to ${MAX_PORT}`, port);
  }
  if (host !== undefined && (typeof host !== "string" || host === "")) {
    throw wrong("listen", "host", "a name or an address", host);
  }
  // As in a URL, where an address of IPv6 stands in brackets.
  const bare = host?.replace(/^\[(.*)\]$/, "$1");
  return { port: port ?? 4000, host: bare ?? "127.0.0.1" };
}

/** The URL of what a server listens on, and `unix:` with the path of a Unix domain socket. */
export function urlOfAddress(address: AddressInfo | string | null): string {
  if (address === null || typeof address === "string") return `unix:${address ?? ""}`;
  const host = address.address.includes(":") ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}

/** Checks how to stop, and completes it. */
export function parseDrainOptions(of: string, options: DrainOptions): Required<DrainOptions> {
  checkOptionNames(of, options, DRAIN_OPTIONS);
  const { batchSize = 100, intervalMs = 100, timeoutMs = 10_000 } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw wrong(of, "batchSize", "a whole number above 0", batchSize);
  }
  for (const [option, ms] of Object.entries({ intervalMs, timeoutMs })) {
    if (typeof ms === "number" && ms >= 0 && ms <= MAX_TIMER_MS) continue;
    throw wrong(of, option, `a number of ms from 0 to ${MAX_TIMER_MS}`, ms);
  }
  return { batchSize, intervalMs, timeoutMs };
}
