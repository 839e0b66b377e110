import { decodeFrame, encodeFrame, EVENT, type Frame } from "@live-stash/wire";
import { Connection } from "../channel/connection.ts";
import type { Runtime } from "../runtime.ts";
import type { Session } from "../session/session-source.ts";

/** The reply to a push; `closed` if the channel or the socket ended before there was one. */
export interface Reply {
  readonly status: "ok" | "error" | "closed";
  readonly response: Readonly<Record<string, unknown>>;
}

/** The client's end of an in-process connection. Each frame is encoded to text and decoded, as over a network. */
export class TestSocket {
  readonly #connection: Connection;
  readonly #onPush: (frame: Frame) => void;
  /** The pushes without a reply, by their ref. */
  readonly #waiting = new Map<string, (reply: Reply) => void>();
  #nextRef = 1;
  /** The code with which the server closed the socket. */
  closeCode: number | undefined;

  constructor(
    runtime: Runtime,
    session: Session | undefined,
    origin: string,
    onPush: (frame: Frame) => void,
  ) {
    this.#onPush = onPush;
    this.#connection = new Connection(
      runtime,
      {
        send: (text) => this.#receive(text),
        close: (code) => {
          this.closeCode = code;
          this.#closeWaiting();
        },
        isBehind: false,
        hold: () => undefined,
        pause: () => undefined,
        resume: () => undefined,
      },
      session,
      origin,
    );
  }

  /** The ref of the next push. That of a join is the join_ref of all later pushes to its topic. */
  get nextRef(): string {
    return String(this.#nextRef);
  }

  /**
   * Sends a frame and waits for its reply. `onReply` is called before any later frame is received, so
   * that replies and pushes are applied in order.
   */
  push(
    joinRef: string,
    topic: string,
    event: string,
    payload: object,
    onReply: (reply: Reply) => void = () => undefined,
  ): Promise<Reply> {
    const ref = this.nextRef;
    this.#nextRef += 1;
    return new Promise((resolve) => {
      this.#waiting.set(ref, (reply) => {
        onReply(reply);
        resolve(reply);
      });
      this.#connection.receive(encodeFrame(joinRef, ref, topic, event, payload));
    });
  }

  /** Closes the connection. Resolves when the server has ended its views. */
  async disconnect(): Promise<void> {
    this.#closeWaiting();
    await this.#connection.endAll("disconnected");
  }

  #receive(text: string): void {
    const frame = decodeFrame(text);
    if (frame === undefined) throw new Error(`expected a frame from the server, found: ${text}`);
    if (frame.event !== EVENT.reply) {
      this.#onPush(frame);
      if (frame.event === EVENT.error) this.#closeWaiting();
      return;
    }
    const resolve = this.#waiting.get(frame.ref ?? "");
    this.#waiting.delete(frame.ref ?? "");
    resolve?.(frame.payload as Reply);
  }

  #closeWaiting(): void {
    for (const resolve of this.#waiting.values()) resolve({ status: "closed", response: {} });
    this.#waiting.clear();
  }
}
