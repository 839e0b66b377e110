import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createCrashGuard } from "./channel/crash-guard.ts";
import { LiveViewError } from "./errors.ts";
import { defaultLayout } from "./first-render/default-layout.ts";
import { createHttpHandler, type HttpHandler } from "./first-render/http-handler.ts";
import { resolveLimits } from "./limits.ts";
import { guardLogger } from "./logger.ts";
import { createNotices } from "./notices.ts";
import { createRouter } from "./routing/router.ts";
import type { Runtime } from "./runtime.ts";
import type { LiveServerOptions } from "./server-options.ts";
import { cookieSession } from "./session/cookie-session.ts";
import { createCsrf } from "./session/csrf.ts";
import { createPageTokens } from "./session/page-tokens.ts";
import { resolveSecrets } from "./session/secrets.ts";
import { ignoreUpgrade } from "./transport/ignore-upgrade.ts";
import { handleUpgrade, isLiveUpgrade } from "./transport/upgrade.ts";
import { createWebSocketTransport } from "./transport/websocket-transport.ts";

export interface ListenOptions {
  /** Default 4000; 0 takes a free one. */
  readonly port?: number;
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** Answers requests that are for no view, such as static files. Default: 404. */
  readonly fallback?: HttpHandler;
  /** Drain and stop on SIGTERM and SIGINT. Default true. */
  readonly handleSignals?: boolean;
}

export interface DrainOptions {
  /** Sockets closed at a time. Default 100. */
  readonly batchSize?: number;
  /** Pause between batches in ms: clients come back at once, this spreads them. Default 100. */
  readonly intervalMs?: number;
  /** The longest that the `terminate` of a socket's views is waited for, in ms. Default 10,000. */
  readonly timeoutMs?: number;
}

/** A listening server. */
export interface Listening {
  readonly url: string;
  readonly port: number;
  readonly server: Server;
  /** Drains, then closes. Settles when nothing is left. */
  close(options?: DrainOptions): Promise<void>;
}

/** Serves views: pages over HTTP, their sockets at `/live/websocket`. */
export interface LiveServer {
  /** Answers page loads; anything else goes to `next`, or gets a 404. For Express: `app.use(handler)`. */
  readonly handler: HttpHandler;
  /** Serves the sockets of pages on a `node:http` server that somebody else owns. */
  attach(server: Server): void;
  /** Serves pages and sockets on a server of its own. */
  listen(options?: ListenOptions): Promise<Listening>;
  /**
   * Refuses new sockets and closes the open ones with 1012, in batches: clients come back at once,
   * to whichever node answers. Settles when every view has ended. Call it before closing a server
   * that you own.
   */
  drain(options?: DrainOptions): Promise<void>;
  readonly figures: { readonly sockets: number; readonly views: number };
  /** What pages and sockets share; for `@live-stash/live-view/testing`. */
  readonly runtime: Runtime;
}

function createRuntime(options: LiveServerOptions): Runtime {
  if (!Array.isArray(options.routes) || options.routes.length === 0) {
    throw new LiveViewError(
      "invalid_option",
      'createLiveServer: expected `routes` with at least one route, such as live("/", counter), found none.',
    );
  }
  const logger = guardLogger(options.logger ?? console);
  const now = options.now ?? Date.now;
  const monotonicNow = options.monotonicNow ?? (() => performance.now());
  const secrets = resolveSecrets(options.secret, process.env, logger);
  const limits = resolveLimits(options.limits);
  return {
    router: createRouter(options.routes),
    rootLayout: options.rootLayout ?? defaultLayout(options.clientScript ?? "/assets/app.js"),
    defaultTitle: options.defaultTitle ?? "LiveView",
    tokens: createPageTokens(secrets, now),
    csrf: createCsrf(secrets),
    sessions: options.sessions ?? cookieSession({ secrets, now }),
    limits,
    crashGuard: createCrashGuard(limits.maxCrashesPerMinute, monotonicNow),
    logger,
    notices: createNotices(logger, monotonicNow),
    monotonicNow,
  };
}

/**
 * Creates a server for views. Use it alone (`listen`), or inside of Express, Fastify, Hono or any
 * `node:http` server (`handler` and `attach`).
 *
 * @throws `LiveViewError` `missing_secret` in production without a secret, `invalid_option` for
 * anything else that is wrong.
 */
export function createLiveServer(options: LiveServerOptions): LiveServer {
  const runtime = createRuntime(options);
  const transport = createWebSocketTransport(runtime);
  const origin = options.origin ?? "same-host";
  const handler = createHttpHandler(runtime);

  /** Takes the upgrades of a server. Those that are not for views are other listeners', if there are any. */
  const takeUpgrades = (server: Server, notUpgraded: Set<Socket>): void => {
    server.on("upgrade", (request: IncomingMessage, stream: Duplex, head: Buffer) => {
      if (isLiveUpgrade(request)) {
        handleUpgrade(runtime, transport, origin, request, stream, head).catch((cause: unknown) => {
          runtime.logger.error("live-view: an upgrade could not be answered", cause);
          stream.destroy();
        });
      } else if (server.listenerCount("upgrade") === 1) ignoreUpgrade(server, request, notUpgraded);
    });
  };

  const drain = (drainOptions: DrainOptions = {}): Promise<void> => {
    const { batchSize = 100, intervalMs = 100, timeoutMs = 10_000 } = drainOptions;
    return transport.drain(batchSize, intervalMs, timeoutMs);
  };

  return {
    handler,
    drain,
    runtime,
    attach: (server) => takeUpgrades(server, new Set()),
    async listen(listenOptions = {}) {
      const { port = 4000, host = "127.0.0.1", fallback, handleSignals = true } = listenOptions;
      const server = createServer(
        { maxHeaderSize: runtime.limits.maxHeaderBytes },
        fallback === undefined
          ? (request, response) => handler(request, response)
          : (request, response) => handler(request, response, () => fallback(request, response)),
      );
      const notUpgraded = new Set<Socket>();
      takeUpgrades(server, notUpgraded);
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen(port, host, () => {
          server.off("error", reject);
          resolve();
        });
      });
      const close = async (drainOptions?: DrainOptions): Promise<void> => {
        process.off("SIGTERM", onSignal);
        process.off("SIGINT", onSignal);
        const closed = new Promise<void>((resolve) => server.close(() => resolve()));
        server.closeIdleConnections();
        await drain(drainOptions);
        server.closeAllConnections();
        for (const socket of notUpgraded) socket.destroy();
        await closed;
      };
      const onSignal = (): void => void close();
      if (handleSignals) {
        process.once("SIGTERM", onSignal);
        process.once("SIGINT", onSignal);
      }
      const address = server.address() as AddressInfo;
      const shownHost = address.family === "IPv6" ? `[${address.address}]` : address.address;
      return { url: `http://${shownHost}:${address.port}`, port: address.port, server, close };
    },
    get figures() {
      return { sockets: transport.socketCount, views: transport.viewCount };
    },
  };
}
