import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type ServerOptions, WebSocket, WebSocketServer } from "ws";
import { CLOSE_CODE } from "@live-stash/wire";
import { ANSWERED_FRAME_FACTOR } from "../limits.ts";
import { closeGreediest, HeldBytes } from "./memory-limit.ts";
import type { Notice } from "../logging/notices.ts";
import type { Runtime } from "../runtime.ts";
import { HOST, requestOrigin, type RequestOrigin } from "../session/request-origin.ts";
import type { Session } from "../session/session-source.ts";
import { settleWithin } from "../settle-within.ts";
import { refuseUpgrade } from "./http-traffic.ts";
import { ClientSocket } from "./client-socket.ts";

/** Interval at which one timer looks for silent sockets, in ms: short compared with any idle timeout. */
const IDLE_SWEEP_MS = 5000;
/** Time for a client to answer the close frame, in ms: it may have to finish sending a frame first. */
const CLOSE_WAIT_MS = 2000;
/** Largest frame of a socket without a session, in bytes: enough for a join, which is only refused. */
const SESSIONLESS_FRAME_BYTES = 256 * 1024;
/** Largest part of all sockets that may have no session. */
const SESSIONLESS_FRACTION = 1 / 4;

/** All open sockets of one server. */
export interface WebSocketTransport {
  /**
   * Counts an upgrade in progress as a socket, until the returned function is called. Reports a notice
   * and returns `undefined` if the server has its maximum of sockets.
   */
  reserve(): (() => void) | undefined;
  /** Completes the upgrade and serves the client from then on. */
  accept(
    request: IncomingMessage,
    stream: Duplex,
    head: Buffer,
    session: Session | undefined,
  ): void;
  /**
   * Closes the sockets that have been silent for too long, that read nothing of what waits for them, and
   * those that have had no session for too long. A timer calls this; it is public for tests.
   */
  closeIdle(): void;
  /**
   * Accepts no more sockets and closes all with 1012, `batchSize` at a time, `intervalMs` apart. Resolves
   * when all views have ended, or `timeoutMs` after each was asked to.
   */
  drain(batchSize: number, intervalMs: number, timeoutMs: number): Promise<void>;
  readonly isDraining: boolean;
  readonly socketCount: number;
  readonly viewCount: number;
}

/** Creates the transport of one server: it has no sockets yet. */
export function createWebSocketTransport(runtime: Runtime): WebSocketTransport {
  const { limits, logger, monotonicNow, notices } = runtime;
  const clients = new Set<ClientSocket>();
  const held = new HeldBytes(limits.maxHeldBytes, () =>
    closeGreediest(clients, held, limits.maxHeldBytes, monotonicNow()),
  );
  let sessionlessCount = 0;
  let reserved = 0;
  /** The endings of views whose sockets are closed already. */
  const endings = new Set<Promise<unknown>>();
  let isDraining = false;
  let sweep: NodeJS.Timeout | undefined;
  const serverFor = (maxPayload: number): WebSocketServer => {
    // The types of ws lack `closeTimeout`.
    const options: ServerOptions & { closeTimeout: number } = {
      noServer: true,
      maxPayload,
      // A deflate context per socket costs far more memory than a view.
      perMessageDeflate: false,
      // The official client offers a subprotocol only together with an auth token.
      handleProtocols: (offered) => (offered.has("phoenix") ? "phoenix" : false),
      clientTracking: false,
      closeTimeout: CLOSE_WAIT_MS,
    };
    return new WebSocketServer(options);
  };
  const server = serverFor(ANSWERED_FRAME_FACTOR * limits.maxFrameBytes);
  const sessionlessServer = serverFor(Math.min(SESSIONLESS_FRAME_BYTES, limits.maxFrameBytes));

  function serve(
    socket: WebSocket,
    stream: Duplex,
    session: Session | undefined,
    { scheme, host }: RequestOrigin,
  ): void {
    // With an invalid Host header no page has an origin, and its joins are refused.
    const origin = HOST.test(host) ? `${scheme}://${host}` : "";
    const client = new ClientSocket(runtime, held, socket, stream, session, origin);
    clients.add(client);
    if (session === undefined) sessionlessCount += 1;
    if (sweep === undefined) {
      sweep = setInterval(closeIdle, IDLE_SWEEP_MS);
      sweep.unref();
    }
    socket.on("close", () => {
      clients.delete(client);
      if (session === undefined) sessionlessCount -= 1;
      if (clients.size === 0 && sweep !== undefined) {
        clearInterval(sweep);
        sweep = undefined;
      }
      const ending = client
        .end()
        .catch((cause: unknown) => logger.error("live-view: a view failed while it ended", cause))
        .finally(() => endings.delete(ending));
      endings.add(ending);
    });
  }

  function closeIdle(): void {
    const nowMs = monotonicNow();
    for (const client of clients) client.closeIfIdle(nowMs);
  }

  /** Returns the notice for refusing one more socket, or `undefined` if there is room for it. */
  function noticeIfFull(isSessionless: boolean): Notice | undefined {
    const { maxSockets } = limits;
    const max = isSessionless ? Math.ceil(maxSockets * SESSIONLESS_FRACTION) : maxSockets;
    const count = isSessionless
      ? Math.max(sessionlessCount, clients.size - maxSockets + max)
      : clients.size + reserved;
    if (count < max) return undefined;
    return {
      kind: "refused",
      reason: isSessionless ? "too_many_strangers" : "too_many_sockets",
      message: "an upgrade was refused with HTTP 503",
      expected: `at most ${max} sockets${isSessionless ? " without a session" : ""}`,
      found: `${count}`,
      advice: "Raise limits.maxSockets if the process has the memory, or add a node.",
    };
  }

  return {
    reserve() {
      const full = noticeIfFull(false);
      if (full !== undefined) {
        notices.note(full);
        return undefined;
      }
      reserved += 1;
      return () => void (reserved -= 1);
    },
    accept(request, stream, head, session) {
      const full = noticeIfFull(session === undefined);
      if (full !== undefined) {
        notices.note(full);
        // The upgrade's error listener is gone by now, and an error without one ends the process.
        stream.on("error", () => stream.destroy());
        return refuseUpgrade(stream, "503 Service Unavailable");
      }
      const accepting = session === undefined ? sessionlessServer : server;
      try {
        const origin = requestOrigin(request, runtime.trustProxy);
        accepting.handleUpgrade(request, stream, head, (socket) =>
          serve(socket, stream, session, origin),
        );
      } catch (cause) {
        // Another listener has answered the upgrade already, and owns the socket.
        notices.note({
          kind: "refused",
          reason: "upgrade_taken",
          message: "an upgrade at /live/websocket was answered by another listener",
          expected: "no other listener for this path",
          found: cause instanceof Error ? cause.message : "a failure",
          advice: "Give the other WebSocket server another path, or attach views before it.",
        });
      }
    },
    closeIdle,
    async drain(batchSize, intervalMs, timeoutMs) {
      isDraining = true;
      const waiting = [...clients];
      const ended: Promise<unknown>[] = [];
      const untilEnded = (ending: Promise<unknown>): Promise<unknown> =>
        settleWithin(ending, timeoutMs, () => {
          throw new Error(`expected terminate to settle within ${timeoutMs} ms, and it did not`);
        }).catch((cause: unknown) => {
          logger.error("live-view: a view failed while the server drained", cause);
        });
      ended.push(untilEnded(Promise.all(endings)));
      while (waiting.length > 0) {
        for (const client of waiting.splice(0, batchSize)) {
          // Views end before their sockets close, so that their state is saved when the client reconnects.
          ended.push(
            untilEnded(client.connection.endAll("shutdown")).then(() =>
              closeAndWait(client.socket),
            ),
          );
        }
        if (waiting.length > 0) {
          await new Promise((resolve) => setTimeout(resolve, intervalMs));
        }
      }
      await Promise.all(ended);
    },
    get isDraining() {
      return isDraining;
    },
    get socketCount() {
      return clients.size;
    },
    get viewCount() {
      let count = 0;
      for (const { connection } of clients) count += connection.viewCount;
      return count;
    },
  };
}

/** Closes a socket with 1012, and resolves when it is closed. */
function closeAndWait(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.readyState === WebSocket.CLOSED) return resolve();
    const timer = setTimeout(() => socket.terminate(), CLOSE_WAIT_MS);
    socket.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
    socket.close(CLOSE_CODE.serviceRestart, "service_restart");
  });
}
