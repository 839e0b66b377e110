import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocket, WebSocketServer } from "ws";
import { CLOSE_CODE } from "@live-stash/wire";
import { Connection, type Transport } from "../channel/connection.ts";
import type { Runtime } from "../runtime.ts";
import type { Session } from "../session/session-source.ts";
import { textFrame } from "./text-frame.ts";

/** How often silent sockets are looked for: one timer for all of them. */
const IDLE_SWEEP_MS = 5000;

interface Peer {
  readonly socket: WebSocket;
  readonly connection: Connection;
  lastHeardMs: number;
}

/** All open sockets of one server. */
export interface WebSocketTransport {
  /** Completes the upgrade and serves the client from then on. */
  accept(
    request: IncomingMessage,
    stream: Duplex,
    head: Buffer,
    session: Session | undefined,
  ): void;
  /** Closes the sockets that have been silent for too long. Called by a timer; public for tests. */
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
  const { limits, logger, monotonicNow } = runtime;
  const peers = new Set<Peer>();
  /** Of sockets that are gone, as long as their views have something to settle. */
  const endings = new Set<Promise<unknown>>();
  let isDraining = false;
  let sweep: NodeJS.Timeout | undefined;
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: limits.maxFrameBytes,
    // A deflate context per socket costs far more memory than a view.
    perMessageDeflate: false,
    // The official client offers a subprotocol only together with an auth token.
    handleProtocols: (offered) => (offered.has("phoenix") ? "phoenix" : false),
    clientTracking: false,
  });

  function transportOf(socket: WebSocket, stream: Duplex): Transport {
    return {
      send(text) {
        if (socket.readyState !== WebSocket.OPEN) return;
        if (socket.bufferedAmount > limits.maxBufferedBytes) {
          socket.close(CLOSE_CODE.tryAgainLater, "slow_client");
          // A client that reads nothing does not read the close frame either.
          socket.terminate();
          return;
        }
        stream.write(textFrame(text));
      },
      close: (code, reason) => socket.close(code, reason),
    };
  }

  function serve(socket: WebSocket, stream: Duplex, session: Session | undefined): void {
    const connection = new Connection(runtime, transportOf(socket, stream), session);
    const peer: Peer = { socket, connection, lastHeardMs: monotonicNow() };
    peers.add(peer);
    if (sweep === undefined) {
      sweep = setInterval(closeIdle, IDLE_SWEEP_MS);
      sweep.unref();
    }
    socket.on("message", (data: Buffer, isBinary) => {
      peer.lastHeardMs = monotonicNow();
      if (isBinary) connection.close(CLOSE_CODE.unsupportedData, "binary_unsupported");
      else connection.receive(data.toString());
    });
    socket.on("close", () => {
      peers.delete(peer);
      if (peers.size === 0 && sweep !== undefined) {
        clearInterval(sweep);
        sweep = undefined;
      }
      const ending = connection
        .endAll("disconnected")
        .catch((cause: unknown) => logger.error("live-view: a view failed while it ended", cause))
        .finally(() => endings.delete(ending));
      endings.add(ending);
    });
    // ws closes the socket itself, with the code that fits (1002, 1007, 1009).
    socket.on("error", () => undefined);
  }

  function closeIdle(): void {
    const oldestMs = monotonicNow() - limits.idleTimeoutMs;
    for (const { socket, connection, lastHeardMs } of peers) {
      if (lastHeardMs >= oldestMs) continue;
      connection.close(CLOSE_CODE.goingAway, "idle_timeout");
      socket.terminate();
    }
  }

  return {
    accept(request, stream, head, session) {
      server.handleUpgrade(request, stream, head, (socket) => serve(socket, stream, session));
    },
    closeIdle,
    async drain(batchSize, intervalMs, timeoutMs) {
      isDraining = true;
      const waiting = [...peers];
      const ended: Promise<void>[] = [];
      const settled = (ending: Promise<unknown>): Promise<void> =>
        settleWithin(ending, timeoutMs).catch((cause: unknown) => {
          logger.error("live-view: a view failed while the server drained", cause);
        });
      ended.push(settled(Promise.all(endings)));
      while (waiting.length > 0) {
        for (const { socket, connection } of waiting.splice(0, batchSize)) {
          // Views end first, so that what they save is saved before the client comes back.
          ended.push(settled(connection.endAll("shutdown")).then(() => closeAndWait(socket)));
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
      return peers.size;
    },
    get viewCount() {
      let count = 0;
      for (const { connection } of peers) count += connection.viewCount;
      return count;
    },
  };
}

/** Waits for views that end; rejects if that takes longer than it may. */
async function settleWithin(ending: Promise<unknown>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`expected terminate to settle within ${timeoutMs} ms, and it did not`));
    }, timeoutMs);
  });
  try {
    await Promise.race([ending, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}

/** How long a client may take to answer the close frame. */
const CLOSE_WAIT_MS = 2000;

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
