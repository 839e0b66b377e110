import type { Socket } from "node:net";
import type { AnswerFilter } from "./answer-filter.ts";
import { AnswerSplitter } from "./answer-splitter.ts";

/** The direction of bytes: from the client to the server, or back. */
export type Direction = "toServer" | "toClient";

/** One client's connection to a proxy, and the connection that the proxy opened for the client. */
export class ProxiedConnection {
  /** Resolves when both sides are closed. */
  readonly closed: Promise<unknown>;
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #toServer: Flow;
  readonly #toClient: Flow;

  constructor(
    client: Socket,
    server: Socket,
    filter: AnswerFilter,
    paused: ReadonlySet<Direction>,
    onForward: (byteLength: number) => void,
  ) {
    this.#client = client;
    this.#server = server;
    const splitter = new AnswerSplitter();
    const answersThatPass = (chunk: Buffer): Buffer =>
      Buffer.concat(
        splitter
          .push(chunk)
          .filter(({ text }) => text === undefined || filter.passes(text))
          .map(({ bytes }) => bytes),
      );
    this.#toServer = new Flow(client, server, (chunk) => chunk, onForward);
    this.#toClient = new Flow(server, client, answersThatPass, onForward);
    this.follow(paused);
    this.closed = Promise.all([closedWithOther(client, server), closedWithOther(server, client)]);
  }

  /** Pauses the directions in the set, and resumes the others. */
  follow(paused: ReadonlySet<Direction>): void {
    this.#toServer.setPaused(paused.has("toServer"));
    this.#toClient.setPaused(paused.has("toClient"));
  }

  /** Resets both sides, without an orderly close. */
  reset(): void {
    this.#client.resetAndDestroy();
    this.#server.resetAndDestroy();
  }
}

/** Forwards one direction, at the receiver's speed. */
class Flow {
  readonly #from: Socket;
  #paused = false;
  #full = false;

  constructor(
    from: Socket,
    to: Socket,
    transform: (chunk: Buffer) => Buffer,
    onForward: (byteLength: number) => void,
  ) {
    this.#from = from;
    from.on("data", (chunk) => {
      const forwarded = transform(chunk);
      onForward(forwarded.length);
      this.#full = !to.write(forwarded);
      this.#apply();
    });
    to.on("drain", () => {
      this.#full = false;
      this.#apply();
    });
    from.on("end", () => to.end());
  }

  setPaused(paused: boolean): void {
    this.#paused = paused;
    this.#apply();
  }

  #apply(): void {
    if (this.#paused || this.#full) this.#from.pause();
    else this.#from.resume();
  }
}

/** Resolves when a side has closed. If that side closed with an error, the other side is reset. */
function closedWithOther(side: Socket, other: Socket): Promise<void> {
  return new Promise((resolve) => {
    // The other side notices the error as it would without a proxy.
    side.on("error", () => {
      other.resetAndDestroy();
    });
    side.once("close", () => {
      if (!side.readableEnded || !side.writableFinished) other.resetAndDestroy();
      resolve();
    });
  });
}
