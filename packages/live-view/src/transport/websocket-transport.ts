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
import { refuse } from "./http-traffic.ts";
import { ClientSocket } from "./client-socket.ts";

/** How often silent sockets are looked for: one timer for all of them. */
const IDLE_SWEEP_MS = 5000;
/** How long a client may take to answer the close frame; it may still be sending. */
const CLOSE_WAIT_MS = 2000;
/** Largest frame of a socket without a session, in bytes: a join, of which only the page's age counts. */
const STRANGER_FRAME_BYTES = 256 * 1024;
/** Of all sockets, those without a session may be one in so many. */
const STRANGERS_PART = 4;

/** All open sockets of one server. */
export interface WebSocketTransport {
  /**
   * Counts an upgrade that is under way as a socket, until the returned function is called. `undefined`
   * if there is no place for it, which a notice says.
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
   * Closes the sockets that have been silent for too long, that take nothing of what waits for them,
   * and those without a session whose time is over. Called by a timer; public for tests.
   */
  closeIdle(): void;
  /**
   * Ends all sockets with 1012, `batchSize` at a time, `intervalMs` apart, and takes no more. Settles
   * when all views have ended, or had `timeoutMs` to do so.
   */
  drain(batchSize: number, intervalMs: number, timeoutMs: number): Promise<void>;
  readonly isDraining: boolean;
  readonly socketCount: number;
  readonly viewCount: number;
}

export function createWebSocketTransport(runtime: Runtime): WebSocketTransport {
  const { limits, logger, monotonicNow, notices } = runtime;
  const clients = new Set<ClientSocket>();
  const held = new HeldBytes(limits.maxHeldBytes, () =>
    closeGreediest(clients, held, limits.maxHeldBytes, monotonicNow()),
  );
  let strangers = 0;
  let reserved = 0;
  /** Of sockets that are gone, as long as their views have something to settle. */
  const endings = new Set<Promise<unknown>>();
  let isDraining = false;
  let sweep: NodeJS.Timeout | undefined;
  const serverFor = (maxPayload: number): WebSocketServer => {
    // The types of ws do not know of `closeTimeout` yet.
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
  const strangersServer = serverFor(Math.min(STRANGER_FRAME_BYTES, limits.maxFrameBytes));

  function serve(
    socket: WebSocket,
    stream: Duplex,
    session: Session | undefined,
    { scheme, host }: RequestOrigin,
  ): void {
    // No page is at a host that is none: its joins are refused.
    const origin = HOST.test(host) ? `${scheme}://${host}` : "";
    const client = new ClientSocket(runtime, held, socket, stream, session, origin);
    clients.add(client);
    if (session === undefined) strangers += 1;
    if (sweep === undefined) {
      sweep = setInterval(closeIdle, IDLE_SWEEP_MS);
      sweep.unref();
    }
    socket.on("close", () => {
      clients.delete(client);
      if (session === undefined) strangers -= 1;
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

  /** The reason why no more sockets are taken, if so. */
  function fullness(isStranger: boolean): Notice | undefined {
    const max = isStranger ? Math.ceil(limits.maxSockets / STRANGERS_PART) : limits.maxSockets;
    const count = isStranger
      ? Math.max(strangers, clients.size - limits.maxSockets + max)
      : clients.size + reserved;
    if (count < max) return undefined;
    return {
      kind: "refused",
      reason: isStranger ? "too_many_strangers" : "too_many_sockets",
      message: "an upgrade was refused with HTTP 503",
      expected: `at most ${max} sockets${isStranger ? " without a session" : ""}`,
      found: `${count}`,
      advice: "Raise limits.maxSockets if the process has the memory, or add a node.",
    };
  }

  return {
    reserve() {
      const full = fullness(false);
      if (full !== undefined) {
        notices.note(full);
        return undefined;
      }
      reserved += 1;
      return () => void (reserved -= 1);
    },
    accept(request, stream, head, session) {
      const full = fullness(session === undefined);
      if (full !== undefined) {
        notices.note(full);
        // Nobody listens to it any more, and an error without a listener ends the process.
        stream.on("error", () => stream.destroy());
        return refuse(stream, "503 Service Unavailable");
      }
      const accepting = session === undefined ? strangersServer : server;
      try {
        const origin = requestOrigin(request, runtime.trustProxy);
        accepting.handleUpgrade(request, stream, head, (socket) =>
          serve(socket, stream, session, origin),
        );
      } catch (cause) {
        // Another listener was faster, and the socket is its own now.
        notices.note({
          kind: "refused",
          reason: "upgrade_taken",
          message: "an upgrade at /live/websocket was answered by another listener",
          expected: "nobody else to take it",
          found: cause instanceof Error ? cause.message : "a failure",
          advice: "Give the other WebSocket server a path of its own, or attach views before it.",
        });
      }
    },
    closeIdle,
    async drain(batchSize, intervalMs, timeoutMs) {
      isDraining = true;
      const waiting = [...clients];
      const ended: Promise<unknown>[] = [];
      const settled = (ending: Promise<unknown>): Promise<unknown> =>
        settleWithin(ending, timeoutMs, () => {
          throw new Error(`expected terminate to settle within ${timeoutMs} ms, and it did not`);
        }).catch((cause: unknown) => {
          logger.error("live-view: a view failed while the server drained", cause);
        });
      ended.push(settled(Promise.all(endings)));
      while (waiting.length > 0) {
        for (const client of waiting.splice(0, batchSize)) {
          // Views end first, so that what they save is saved before the client comes back.
          ended.push(
            settled(client.connection.endAll("shutdown")).then(() => closeAndWait(client.socket)),
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
