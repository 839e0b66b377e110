import { createServer, type Server } from "node:http";
import { createCutFrames } from "../lifecycle/cut-frames.ts";
import { LiveViewError } from "../errors.ts";
import { defaultLayout } from "../first-render/default-documents.ts";
import {
  createFetchHandler,
  createHttpHandler,
  type FetchHandler,
  type PageHandler,
} from "../first-render/http-handler.ts";
import { createCrashGuard } from "../lifecycle/crash-guard.ts";
import type { ViewHook } from "../lifecycle/hooks.ts";
import { ANSWERED_FRAME_FACTOR, resolveLimits } from "../limits.ts";
import {
  type DrainOptions,
  type ListenOptions,
  type LiveServerOptions,
  parseAddress,
  parseDrainOptions,
  SERVER_OPTIONS,
  urlOfAddress,
} from "./server-options.ts";
import { checkOptionNames } from "../message-text.ts";
import { guardLogger, type Logger } from "../logging/logger.ts";
import { createNotices } from "../logging/notices.ts";
import { createRouter } from "../routing/router.ts";
import type { Runtime } from "../runtime.ts";
import { cookieSession } from "../session/cookie-session.ts";
import { createCsrf } from "../session/csrf.ts";
import { createOriginCheck } from "../session/origin-policy.ts";
import { createPageTokens } from "../session/page-tokens.ts";
import { resolveSecrets } from "../session/secrets.ts";
import { settleWithin } from "../settle-within.ts";
import { stopOnSignals } from "./stop-on-signals.ts";
import { HttpTraffic, type UpgradeTaker, type WebServer } from "../transport/http-traffic.ts";
import { handleUpgrade, isLiveUpgrade } from "../transport/upgrade.ts";
import { createWebSocketTransport } from "../transport/websocket-transport.ts";

/** How `attach` serves a server that somebody else owns. */
export interface AttachOptions {
  /**
   * Stop that server too on SIGTERM and SIGINT, as `listen` stops its own: it takes no more
   * connections, requests under way are answered, views end, and what their hooks hold is closed. Other
   * WebSockets on it are cut off once the views have ended. Default false: its owner does all that.
   */
  readonly handleSignals?: boolean;
}

/** A listening server. */
export interface Listening {
  /** Such as `http://127.0.0.1:4000`, `http://[::1]:4000` or `unix:/run/app.sock`. */
  readonly url: string;
  /** 0 for a Unix domain socket. */
  readonly port: number;
  readonly server: Server;
  /**
   * Takes no more connections, answers the requests that are under way, drains, then closes what is
   * left. Settles when nothing is. Adapters stay open: another server may use them; see
   * `LiveServer.close`.
   */
  close(options?: DrainOptions): Promise<void>;
}

/** Serves views: pages over HTTP, their sockets at `/live/websocket`. */
export interface LiveServer {
  /**
   * Answers page loads; anything else goes to `next`, or gets a 404. For Express: `app.use(handler)`;
   * for `node:http`, `node:https` and `node:http2`: `createServer(handler)`.
   */
  readonly handler: PageHandler;
  /**
   * Answers page loads in frameworks that take a `Response`, and send it with their own headers. For Hono:
   * `app.use(async (context, next) => (await views.fetch(context.req.raw)) ?? next())`; for Fastify:
   * `app.route({ method: ["GET", "HEAD"], url: "/", handler: (request) => views.fetch(request.raw) })`.
   */
  readonly fetch: FetchHandler;
  /**
   * Serves the sockets of pages on a server that somebody else owns, in any order with others that take
   * upgrades of other paths there. Attaching again changes nothing.
   */
  attach(server: WebServer, options?: AttachOptions): void;
  /** Serves pages and sockets on a server of its own. */
  listen(options?: ListenOptions): Promise<Listening>;
  /**
   * Refuses new sockets and closes the open ones with 1012, in batches: clients come back at once,
   * to whichever node answers. Settles when every view has ended. Call it before closing a server
   * that you own.
   */
  drain(options?: DrainOptions): Promise<void>;
  /**
   * Ends it all, for a process that goes: drains, closes the servers of `listen`, then has the hooks of
   * all views let go of what they hold (`onServerClose`), such as the adapters of stashes. A server that
   * it is attached to is its owner's to close; drain other servers that share an adapter first.
   */
  close(options?: DrainOptions): Promise<void>;
  readonly figures: { readonly sockets: number; readonly views: number };
  /** What pages and sockets share; for `@live-stash/live-view/testing`. */
  readonly runtime: Runtime;
}

function createRuntime(options: LiveServerOptions): Runtime {
  checkOptionNames("createLiveServer", options, SERVER_OPTIONS);
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
  const trustProxy = options.trustProxy ?? false;
  if (typeof trustProxy !== "boolean") {
    throw new LiveViewError(
      "invalid_option",
      `createLiveServer: expected \`trustProxy\` to be true or false, found ${typeof trustProxy}. ` +
        "Set it to true behind a proxy that sets X-Forwarded-Proto and X-Forwarded-Host.",
    );
  }
  return {
    router: createRouter(options.routes),
    rootLayout: options.rootLayout ?? defaultLayout(options.clientScript ?? "/assets/app.js"),
    defaultTitle: options.defaultTitle ?? "LiveView",
    tokens: createPageTokens(secrets, now),
    csrf: createCsrf(secrets),
    sessions: options.sessions ?? cookieSession({ secrets, now, trustProxy }),
    isOriginAllowed: createOriginCheck(options.origin ?? "same-host"),
    trustProxy,
    limits,
    cutFrames: createCutFrames({
      event: undefined,
      bytes: ANSWERED_FRAME_FACTOR * limits.maxFrameBytes,
      maxBytes: limits.maxFrameBytes,
    }),
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
  const handler = createHttpHandler(runtime);

  const listenings = new Set<Listening>();
  let hooksClosed: Promise<unknown> | undefined;

  const take: UpgradeTaker = (request, stream, head) =>
    void handleUpgrade(runtime, transport, request, stream, head).catch((cause: unknown) => {
      runtime.logger.error("live-view: an upgrade could not be answered", cause);
      stream.destroy();
    });

  const watch = (server: WebServer): HttpTraffic => {
    const traffic = HttpTraffic.of(server);
    if (!traffic.takeUpgrades(isLiveUpgrade, take)) {
      runtime.logger.error(
        "live-view: attach: expected a server whose sockets at /live/websocket are nobody's, found " +
          "one that another LiveServer is attached to. Its pages get their sockets, those of this one " +
          "get none: put all routes into one createLiveServer, or listen on two ports.",
      );
    }
    return traffic;
  };

  const drain = (of: string, options: DrainOptions = {}): Promise<void> => {
    const { batchSize, intervalMs, timeoutMs } = parseDrainOptions(of, options);
    return transport.drain(batchSize, intervalMs, timeoutMs);
  };

  const closeHooks = (options: DrainOptions = {}): Promise<unknown> => {
    const { timeoutMs } = parseDrainOptions("close", options);
    hooksClosed ??= closeHooksOf(runtime.router.hooks, timeoutMs, runtime.logger);
    return hooksClosed;
  };

  const stop = (traffic: HttpTraffic, options: DrainOptions = {}): Promise<void> => {
    const { timeoutMs } = parseDrainOptions("close", options);
    return traffic.stop(timeoutMs, drain("close", options));
  };

  /** Stops a server on signals. Gives what to do once it is stopped otherwise. */
  const handleSignalsOf = (traffic: HttpTraffic): (() => void) =>
    stopOnSignals({ drain: () => stop(traffic), finish: () => closeHooks() });

  return {
    handler,
    fetch: createFetchHandler(runtime),
    drain: async (drainOptions) => drain("drain", drainOptions),
    runtime,
    attach(server, attachOptions = {}) {
      checkOptionNames("attach", attachOptions, { handleSignals: true });
      const { handleSignals = false } = attachOptions;
      const traffic = watch(server);
      if (handleSignals) server.once("close", handleSignalsOf(traffic));
    },
    async listen(listenOptions = {}) {
      const address = parseAddress(listenOptions);
      const { fallback, handleSignals = true } = listenOptions;
      const server = createServer(
        { maxHeaderSize: runtime.limits.maxHeaderBytes },
        fallback === undefined
          ? (request, response) => handler(request, response)
          : (request, response) => handler(request, response, () => fallback(request, response)),
      );
      const traffic = watch(server);
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen(address, () => {
          server.off("error", reject);
          resolve();
        });
      });
      const ignoreSignals = handleSignals ? handleSignalsOf(traffic) : undefined;
      const bound = server.address();
      const listening: Listening = {
        url: urlOfAddress(bound),
        port: typeof bound === "object" && bound !== null ? bound.port : 0,
        server,
        async close(options) {
          ignoreSignals?.();
          await stop(traffic, options);
          listenings.delete(listening);
        },
      };
      listenings.add(listening);
      return listening;
    },
    async close(options) {
      const closing = [...listenings].map((each) => each.close(options));
      await Promise.all([drain("close", options), ...closing]);
      await closeHooks(options);
    },
    get figures() {
      return { sockets: transport.socketCount, views: transport.viewCount };
    },
  };
}

/** Has hooks let go of what they hold, each of them within a time, whatever one of them does. */
async function closeHooksOf(
  hooks: Iterable<ViewHook<object>>,
  timeoutMs: number,
  logger: Logger,
): Promise<void> {
  const closing = [...new Set(hooks)].map(async (hook) => {
    try {
      await settleWithin(Promise.resolve(hook.onServerClose?.()), timeoutMs, () => {
        throw new Error(`expected onServerClose to settle within ${timeoutMs} ms, and it did not`);
      });
    } catch (cause) {
      logger.error(`live-view: the hook "${hook.name}" failed while the server closed`, cause);
    }
  });
  await Promise.all(closing);
}
