import type { Duplex } from "node:stream";
import { WebSocket } from "ws";
import { CLOSE_CODE } from "@live-stash/wire";
import { Connection, type Transport } from "../channel/connection.ts";
import type { HeldBytes } from "./memory-limit.ts";
import type { Runtime } from "../runtime.ts";
import type { Session } from "../session/session-source.ts";
import { FrameMeter } from "./websocket-frames.ts";
import { Outbox, type OutboxOwner } from "./outbox.ts";

/** Bytes of answers that may wait for a socket without a session. */
const STRANGER_BUFFERED_BYTES = 64 * 1024;
/** How long a socket without a session lives, in ms: it is only told to load its page anew. */
const STRANGER_LIFE_MS = 30_000;
/** Of a frame that is too large to be read, so many bytes say what it is about. */
const BEGINNING_BYTES = 4096;
/** A frame of which nothing has come for so long has stalled, in ms. */
const STALLED_MS = 1000;

/** One open socket: what it sends, what it is sent, and what it makes the server hold. */
export class ClientSocket implements Transport, OutboxOwner {
  readonly socket: WebSocket;
  readonly stream: Duplex;
  readonly connection: Connection;
  readonly sessionId: string | undefined;
  readonly #runtime: Runtime;
  readonly #all: HeldBytes;
  readonly #openedMs: number;
  readonly #outbox: Outbox;
  #meter: FrameMeter | undefined = new FrameMeter();
  #heldBytes = 0;
  /** Of a message that is not complete yet. */
  #incomingBytes = 0;
  #heardMs: number;
  #movedMs: number;

  constructor(
    runtime: Runtime,
    all: HeldBytes,
    socket: WebSocket,
    stream: Duplex,
    session: Session | undefined,
    origin: string,
  ) {
    this.socket = socket;
    this.stream = stream;
    this.sessionId = session?.id;
    this.#runtime = runtime;
    this.#all = all;
    this.#openedMs = runtime.monotonicNow();
    this.#heardMs = this.#openedMs;
    this.#movedMs = this.#openedMs;
    this.connection = new Connection(runtime, this, session, origin);
    // Itself, not a closure for each of its calls: there are thousands of sockets.
    this.#outbox = new Outbox(this);
    socket.on("message", (data: Buffer, isBinary) => this.#receive(data, isBinary));
    socket.on("error", (cause) => this.#onError(cause));
    // After the listener of ws: what is left of a chunk is what ws holds.
    stream.on("data", (chunk: Buffer) => this.#count(chunk));
  }

  /** Bytes that this socket makes the server hold, beyond what an idle one takes. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Bytes of a frame whose rest does not come, although it would be read. */
  stalledBytes(nowMs: number): number {
    const hasStalled = nowMs - this.#heardMs > STALLED_MS && !this.socket.isPaused;
    return hasStalled ? this.#incomingBytes : 0;
  }

  get isBehind(): boolean {
    return this.#outbox.isBehind;
  }

  hold(bytes: number): void {
    this.#heldBytes += bytes;
    this.#all.add(bytes);
  }

  onMoved(): void {
    this.#movedMs = this.#runtime.monotonicNow();
  }

  onCaughtUp(): void {
    this.connection.caughtUp();
  }

  send(text: string): void {
    if (this.socket.readyState !== WebSocket.OPEN) return;
    if (this.#outbox.isBehind && this.#outbox.waitingBytes > this.#maxBufferedBytes) {
      return this.#closeAsSlow(`${this.#outbox.waitingBytes} bytes that wait`);
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

  /** Lets go of what the closed socket made the server hold. Settles when its views have ended. */
  end(): Promise<unknown> {
    this.#letGo();
    return this.connection.endAll("disconnected");
  }

  closeIfIdle(nowMs: number): void {
    const { idleTimeoutMs, stallTimeoutMs } = this.#runtime.limits;
    if (nowMs - this.#heardMs > idleTimeoutMs) {
      this.#terminate(CLOSE_CODE.goingAway, "idle_timeout");
    } else if (this.#outbox.isBehind && nowMs - this.#movedMs > stallTimeoutMs) {
      this.#closeAsSlow(`nothing taken for ${Math.round(nowMs - this.#movedMs)} ms`);
    } else if (!this.connection.hasSession && nowMs - this.#openedMs > STRANGER_LIFE_MS) {
      this.#terminate(CLOSE_CODE.policyViolation, "no_session");
    }
  }

  closeForMemory(totalBytes: number): void {
    this.#note(
      "server_busy",
      `a socket was closed with ${CLOSE_CODE.tryAgainLater} server_busy, as its session held the most`,
      `all sockets to hold at most ${this.#runtime.limits.maxHeldBytes} bytes together`,
      `${totalBytes}, ${this.#heldBytes} of them by this one`,
      "Raise limits.maxHeldBytes if the process has the memory, send smaller pages, or add a node.",
    );
    this.#terminate(CLOSE_CODE.tryAgainLater, "server_busy");
    // Not only when it is closed: until then it would look as if still more had to go.
    this.#letGo();
  }

  #letGo(): void {
    this.#meter = undefined;
    this.#outbox.close();
    this.hold(-this.#incomingBytes);
    this.#incomingBytes = 0;
  }

  get #maxBufferedBytes(): number {
    const { maxBufferedBytes } = this.#runtime.limits;
    return this.connection.hasSession
      ? maxBufferedBytes
      : Math.min(maxBufferedBytes, STRANGER_BUFFERED_BYTES);
  }

  #receive(data: Buffer, isBinary: boolean): void {
    if (isBinary) {
      this.connection.close(CLOSE_CODE.unsupportedData, "binary_unsupported");
    } else if (data.length > this.#runtime.limits.maxFrameBytes) {
      const beginning = data.subarray(0, BEGINNING_BYTES).toString();
      this.connection.receiveTooLarge(beginning, data.length);
    } else {
      const text = data.toString();
      this.connection.receive(text, text.length === data.length);
    }
  }

  #count(chunk: Buffer): void {
    this.#heardMs = this.#runtime.monotonicNow();
    const bytes = this.#meter?.read(chunk) ?? 0;
    if (bytes === this.#incomingBytes) return;
    const change = bytes - this.#incomingBytes;
    this.#incomingBytes = bytes;
    this.hold(change);
  }

  /** `ws` closes the socket itself, with the code that fits (1002, 1007, 1008, 1009). */
  #onError(cause: Error): void {
    // From now on ws drops what comes.
    this.#meter = undefined;
    if (!("code" in cause) || !String(cause.code).startsWith("WS_ERR_")) return;
    if (cause.code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH") {
      this.connection.closedForFrame();
      this.connection.noteClosed(CLOSE_CODE.messageTooBig, "frame_too_large");
    } else {
      this.connection.noteClosed(CLOSE_CODE.invalidFrame, "bad_frame");
    }
  }

  #closeAsSlow(found: string): void {
    this.#note(
      "slow_client",
      `a socket was closed with ${CLOSE_CODE.tryAgainLater} slow_client`,
      `at most ${this.#maxBufferedBytes} bytes of answers to wait, and something taken every ` +
        `${this.#runtime.limits.stallTimeoutMs} ms`,
      found,
      "The client or its network is slow, or does not read. Raise limits.maxBufferedBytes or " +
        "limits.stallTimeoutMs if such clients matter.",
    );
    this.#terminate(CLOSE_CODE.tryAgainLater, "slow_client");
  }

  /** A client that reads nothing does not read the close frame either. */
  #terminate(code: number, reason: string): void {
    this.connection.close(code, reason);
    this.socket.terminate();
  }

  #note(reason: string, message: string, expected: string, found: string, advice: string): void {
    this.#runtime.notices.note({ kind: "closed", reason, message, expected, found, advice });
  }
}
