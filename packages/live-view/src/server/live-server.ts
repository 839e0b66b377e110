import { createServer, type Server } from "node:http";
import { createRejectedFrames } from "../lifecycle/rejected-frames.ts";
import { checkOptionNames, invalidOption } from "../errors.ts";
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
  ATTACH_OPTIONS,
  type AttachOptions,
  type DrainOptions,
  type ListenOptions,
  type LiveServerOptions,
  parseAddress,
  parseDrainOptions,
  SERVER_OPTIONS,
  urlOfAddress,
} from "./server-options.ts";
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
import { HttpTraffic, type UpgradeHandler, type WebServer } from "../transport/http-traffic.ts";
import { handleUpgrade, isLiveUpgrade } from "../transport/upgrade.ts";
import { createWebSocketTransport } from "../transport/websocket-transport.ts";

/** A listening server. */
export interface Listening {
  /** For example `http://127.0.0.1:4000`, `http://[::1]:4000` or `unix:/run/app.sock`. */
  readonly url: string;
  /** 0 for a Unix domain socket. */
  readonly port: number;
  readonly server: Server;
  /**
   * Accepts no more connections, answers the requests in progress, drains, then closes the connections
   * that are left. Resolves when the server has closed. Adapters stay open, as another server may use
   * them; `LiveServer.close` closes them too.
   */
  close(options?: DrainOptions): Promise<void>;
}

/** A server of views: it serves pages over HTTP, and their sockets at `/live/websocket`. */
export interface LiveServer {
  /**
   * Answers page loads; any other request goes to `next`, or gets a 404. For Express: `app.use(handler)`;
   * for `node:http`, `node:https` and `node:http2`: `createServer(handler)`.
   */
  readonly handler: PageHandler;
  /**
   * Answers page loads with a `Response`, for frameworks that send it with their own headers. For Hono:
   * `app.use(async (context, next) => (await views.fetch(context.req.raw)) ?? next())`; for Fastify:
   * `app.route({ method: ["GET", "HEAD"], url: "/", handler: (request) => views.fetch(request.raw) })`.
   */
  readonly fetch: FetchHandler;
  /**
   * Serves the sockets of pages on a server that the application owns. Other listeners of the server may
   * handle upgrades of other paths, and may be added before or after. Attaching again changes nothing.
   */
  attach(server: WebServer, options?: AttachOptions): void;
  /** Serves pages and sockets on a server of its own. */
  listen(options?: ListenOptions): Promise<Listening>;
  /**
   * Refuses new sockets and closes the open ones with 1012, in batches: clients reconnect at once, to
   * whichever node answers. Resolves when every view has ended. Call it before you close a server
   * that you own.
   */
  drain(options?: DrainOptions): Promise<void>;
  /**
   * Prepares the process to exit: drains, closes the servers of `listen`, then has the hooks of all views
   * close their resources (`onServerClose`), such as the adapters of stashes. It does not close a server
   * that it is attached to. Drain other servers that share an adapter first.
   */
  close(options?: DrainOptions): Promise<void>;
  readonly figures: { readonly sockets: number; readonly views: number };
  /** The parts that pages and sockets share; for `@live-stash/live-view/testing`. */
  readonly runtime: Runtime;
}

/** Checks and completes the options, and creates the parts that pages and sockets share. */
function createRuntime(options: LiveServerOptions): Runtime {
  checkOptionNames("createLiveServer", options, SERVER_OPTIONS);
  if (!Array.isArray(options.routes) || options.routes.length === 0) {
    const expected = 'a list of at least one route, such as live("/", counter)';
    throw invalidOption("createLiveServer", "routes", expected, options.routes);
  }
  const logger = guardLogger(options.logger ?? console);
  const now = options.now ?? Date.now;
  const monotonicNow = options.monotonicNow ?? (() => performance.now());
  const secrets = resolveSecrets(options.secret, process.env, logger);
  const limits = resolveLimits(options.limits);
  const trustProxy = options.trustProxy ?? false;
  if (typeof trustProxy !== "boolean") {
    const advice =
      "Set it to true behind a proxy that sets X-Forwarded-Proto and X-Forwarded-Host.";
    throw invalidOption("createLiveServer", "trustProxy", "true or false", trustProxy, advice);
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
    rejectedFrames: createRejectedFrames({
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
 * @throws `LiveViewError` `missing_secret` in production without a secret, `invalid_option` for an
 * invalid option.
 */
export function createLiveServer(options: LiveServerOptions): LiveServer {
  const runtime = createRuntime(options);
  const transport = createWebSocketTransport(runtime);
  const handler = createHttpHandler(runtime);

  const listenings = new Set<Listening>();
  let hooksClosed: Promise<unknown> | undefined;

  const answerUpgrade: UpgradeHandler = (request, stream, head) =>
    void handleUpgrade(runtime, transport, request, stream, head).catch((cause: unknown) => {
      runtime.logger.error("live-view: an upgrade could not be answered", cause);
      stream.destroy();
    });

  const serveSocketsOn = (server: WebServer): HttpTraffic => {
    const traffic = HttpTraffic.of(server);
    if (!traffic.handleUpgrades(isLiveUpgrade, answerUpgrade)) {
      runtime.logger.error(
        "live-view: attach(): expected a server without views, found one that another LiveServer is " +
          "attached to. That one serves /live/websocket, so pages of this one get no sockets. Put all " +
          "routes into one createLiveServer(), or listen on two ports.",
      );
    }
    return traffic;
  };

  const drain = (caller: string, options: DrainOptions = {}): Promise<void> => {
    const { batchSize, intervalMs, timeoutMs } = parseDrainOptions(caller, options);
    return transport.drain(batchSize, intervalMs, timeoutMs);
  };

  /** Stops an HTTP server: requests and views end, and the server closes. */
  const stop = (traffic: HttpTraffic, options: DrainOptions = {}): Promise<void> => {
    const { timeoutMs } = parseDrainOptions("close", options);
    return traffic.stop(timeoutMs, drain("close", options));
  };

  const closeHooks = (options: DrainOptions = {}): Promise<unknown> => {
    const { timeoutMs } = parseDrainOptions("close", options);
    hooksClosed ??= closeHooksOf(runtime.router.hooks, timeoutMs, runtime.logger);
    return hooksClosed;
  };

  /** Stops a server on signals. Returns a function that undoes this. */
  const handleSignalsOf = (traffic: HttpTraffic): (() => void) =>
    stopOnSignals({ drain: () => stop(traffic), finish: () => closeHooks() });

  return {
    handler,
    fetch: createFetchHandler(runtime),
    drain: async (drainOptions) => drain("drain", drainOptions),
    runtime,
    attach(server, attachOptions = {}) {
      checkOptionNames("attach", attachOptions, ATTACH_OPTIONS);
      const { handleSignals = false } = attachOptions;
      const traffic = serveSocketsOn(server);
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
      const traffic = serveSocketsOn(server);
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

/** Has each hook close its resources within `timeoutMs`. A hook that fails does not affect the others. */
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
