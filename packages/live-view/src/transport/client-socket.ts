import type { Duplex } from "node:stream";
import { WebSocket } from "ws";
import { CLOSE_CODE } from "@live-stash/wire";
import { Connection, type Transport } from "../channel/connection.ts";
import { HEAD_LENGTH } from "../channel/large-frames.ts";
import type { HeldBytes, MemoryHolder } from "./memory-limit.ts";
import type { Runtime } from "../runtime.ts";
import type { Session } from "../session/session-source.ts";
import { FrameMeter } from "./websocket-frames.ts";
import { Outbox, type OutboxOwner } from "./outbox.ts";

/** Bytes of answers that may wait for a socket without a session: its joins are only refused. */
const SESSIONLESS_BUFFERED_BYTES = 64 * 1024;
/** Lifetime of a socket without a session, in ms: long enough to refuse the joins of its page. */
const SESSIONLESS_LIFE_MS = 30_000;
/** A frame has stalled if it is incomplete and nothing of it arrived for this long, in ms. */
const STALLED_MS = 1000;

/** One client's open socket: passes frames on in both directions, and counts the memory that they use. */
export class ClientSocket implements Transport, OutboxOwner, MemoryHolder {
  readonly socket: WebSocket;
  readonly stream: Duplex;
  readonly connection: Connection;
  readonly sessionId: string | undefined;
  readonly #runtime: Runtime;
  readonly #heldByAll: HeldBytes;
  readonly #openedMs: number;
  readonly #outbox: Outbox;
  #meter: FrameMeter | undefined = new FrameMeter();
  #heldBytes = 0;
  /** Memory of an incomplete message. */
  #incomingBytes = 0;
  /** When the last chunk arrived. */
  #receivedMs: number;
  /** When the client last read a part of what waits for it. */
  #progressMs: number;

  constructor(
    runtime: Runtime,
    heldByAll: HeldBytes,
    socket: WebSocket,
    stream: Duplex,
    session: Session | undefined,
    origin: string,
  ) {
    this.socket = socket;
    this.stream = stream;
    this.sessionId = session?.id;
    this.#runtime = runtime;
    this.#heldByAll = heldByAll;
    this.#openedMs = runtime.monotonicNow();
    this.#receivedMs = this.#openedMs;
    this.#progressMs = this.#openedMs;
    this.connection = new Connection(runtime, this, session, origin);
    // The socket itself, and not an object of closures, to save memory: there are thousands of sockets.
    this.#outbox = new Outbox(this);
    socket.on("message", (data: Buffer, isBinary) => this.#receive(data, isBinary));
    socket.on("error", (cause) => this.#onError(cause));
    // Added after the listener of ws, so that ws has parsed the chunk before it is measured.
    stream.on("data", (chunk: Buffer) => this.#measure(chunk));
  }

  /** Memory that this socket uses beyond that of an idle one, in bytes. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Memory of an incomplete frame of which nothing more arrives, although the server reads. */
  stalledBytes(nowMs: number): number {
    const hasStalled = nowMs - this.#receivedMs > STALLED_MS && !this.socket.isPaused;
    return hasStalled ? this.#incomingBytes : 0;
  }

  get isBehind(): boolean {
    return this.#outbox.isBehind;
  }

  hold(bytes: number): void {
    this.#heldBytes += bytes;
    this.#heldByAll.add(bytes);
  }

  onProgress(): void {
    this.#progressMs = this.#runtime.monotonicNow();
  }

  onCaughtUp(): void {
    this.connection.caughtUp();
  }

  send(text: string): void {
    if (this.socket.readyState !== WebSocket.OPEN) return;
    if (this.#outbox.isBehind && this.#outbox.waitingBytes > this.#maxBufferedBytes) {
      return this.#closeAsSlow(`${this.#outbox.waitingBytes} bytes waiting`);
    }
    this.#outbox.send(text);
  }

  close(code: number, reason: string): void {
    this.socket.close(code, reason);
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  /** Frees the memory of the closed socket and ends its views. Settles when the views have ended. */
  end(): Promise<unknown> {
    this.#free();
    return this.connection.endAll("disconnected");
  }

  /** Closes the socket if it is silent, reads nothing of what waits, or has no session for too long. */
  closeIfIdle(nowMs: number): void {
    const { idleTimeoutMs, stallTimeoutMs } = this.#runtime.limits;
    if (nowMs - this.#receivedMs > idleTimeoutMs) {
      this.#terminate(CLOSE_CODE.goingAway, "idle_timeout");
    } else if (this.#outbox.isBehind && nowMs - this.#progressMs > stallTimeoutMs) {
      this.#closeAsSlow(`nothing read for ${Math.round(nowMs - this.#progressMs)} ms`);
    } else if (!this.connection.hasSession && nowMs - this.#openedMs > SESSIONLESS_LIFE_MS) {
      this.#terminate(CLOSE_CODE.policyViolation, "no_session");
    }
  }

  /** Closes the socket because all together hold too much, and its session holds the most. */
  closeForMemory(totalBytes: number): void {
    this.#note(
      "server_busy",
      `a socket was closed with ${CLOSE_CODE.tryAgainLater} server_busy, because its session held the most`,
      `all sockets to hold at most ${this.#runtime.limits.maxHeldBytes} bytes together`,
      `${totalBytes}, of which this one held ${this.#heldBytes}`,
      "Raise limits.maxHeldBytes if the process has the memory, send smaller pages, or add a node.",
    );
    this.#terminate(CLOSE_CODE.tryAgainLater, "server_busy");
    // At once, not when the socket has closed: otherwise further sockets would be closed for its bytes.
    this.#free();
  }

  #free(): void {
    this.#meter = undefined;
    this.#outbox.close();
    this.hold(-this.#incomingBytes);
    this.#incomingBytes = 0;
  }

  get #maxBufferedBytes(): number {
    const { maxBufferedBytes } = this.#runtime.limits;
    return this.connection.hasSession
      ? maxBufferedBytes
      : Math.min(maxBufferedBytes, SESSIONLESS_BUFFERED_BYTES);
  }

  #receive(data: Buffer, isBinary: boolean): void {
    if (isBinary) {
      this.connection.close(CLOSE_CODE.unsupportedData, "binary_unsupported");
    } else if (data.length > this.#runtime.limits.maxFrameBytes) {
      const beginning = data.subarray(0, HEAD_LENGTH).toString();
      this.connection.receiveTooLarge(beginning, data.length);
    } else {
      const text = data.toString();
      this.connection.receive(text, text.length === data.length);
    }
  }

  #measure(chunk: Buffer): void {
    this.#receivedMs = this.#runtime.monotonicNow();
    const bytes = this.#meter?.read(chunk) ?? 0;
    if (bytes === this.#incomingBytes) return;
    const change = bytes - this.#incomingBytes;
    this.#incomingBytes = bytes;
    this.hold(change);
  }

  /** Reports a protocol error. `ws` closes the socket itself, with the fitting code (1002, 1007, 1008, 1009). */
  #onError(cause: Error): void {
    // From now on ws discards what arrives.
    this.#meter = undefined;
    if (!("code" in cause) || !String(cause.code).startsWith("WS_ERR_")) return;
    if (cause.code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH") {
      this.connection.noteRejectedFrame();
      this.connection.noteClosed(CLOSE_CODE.messageTooBig, "frame_too_large");
    } else {
      this.connection.noteClosed(CLOSE_CODE.invalidFrame, "bad_frame");
    }
  }

  #closeAsSlow(found: string): void {
    this.#note(
      "slow_client",
      `a socket was closed with ${CLOSE_CODE.tryAgainLater} slow_client`,
      `at most ${this.#maxBufferedBytes} bytes of answers waiting, and some of them read every ` +
        `${this.#runtime.limits.stallTimeoutMs} ms`,
      found,
      "The client or its network is slow, or the client does not read. Raise limits.maxBufferedBytes or " +
        "limits.stallTimeoutMs to keep such clients connected.",
    );
    this.#terminate(CLOSE_CODE.tryAgainLater, "slow_client");
  }

  /** Closes the socket without waiting for the client, which may not read the close frame. */
  #terminate(code: number, reason: string): void {
    this.connection.close(code, reason);
    this.socket.terminate();
  }

  #note(reason: string, message: string, expected: string, found: string, advice: string): void {
    this.#runtime.notices.note({ kind: "closed", reason, message, expected, found, advice });
  }
}
