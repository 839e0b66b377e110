import type { StashError } from "live-stash";
import { startTimeLimit } from "live-stash/adapter";
import { noQuorum, notConnected, notFilled, timedOut } from "../nats-errors.ts";

/** What a call is waiting for, as its error will say. */
type Waiting =
  | { readonly for: "answer"; readonly found: string }
  | { readonly for: "connection"; readonly cause: unknown }
  | { readonly for: "stream"; readonly cause: unknown }
  | { readonly for: "quorum" };

/** One call of the adapter, which ends in bounded time whatever NATS does. */
export class Call {
  readonly operation: string;
  readonly #timeoutMs: number;
  readonly #endsAtMs: number;
  readonly #over: Promise<never>;
  readonly #end: (error: StashError) => void;
  readonly #endLimit: () => void;
  #error: StashError | undefined;
  #onEnded = (): void => {};
  /** Resolves when it has ended, however it did. */
  readonly ended: Promise<void>;
  #waiting: Waiting = { for: "answer", found: "none" };

  constructor(operation: string, timeoutMs: number) {
    this.operation = operation;
    this.#timeoutMs = timeoutMs;
    this.#endsAtMs = performance.now() + timeoutMs;
    this.ended = new Promise((resolve) => {
      this.#onEnded = resolve;
    });
    let end = (_error: StashError): void => {};
    this.#over = new Promise((_, reject) => {
      end = reject;
    });
    // Whoever waits hears of it; maybe nobody does.
    this.#over.catch(() => {});
    this.#end = end;
    this.#endLimit = startTimeLimit(timeoutMs, () => this.fail(this.#timeoutError()));
  }

  /** Says what is waited for from now on. */
  waits(waiting: Waiting): void {
    this.#waiting = waiting;
  }

  get leftMs(): number {
    return Math.max(0, this.#endsAtMs - performance.now());
  }

  /** Ends it with an error. */
  fail(error: StashError): void {
    this.#endLimit();
    this.#error ??= error;
    this.#end(this.#error);
  }

  /** Runs it to its end, which is that of the time at the latest. */
  async run<Outcome>(work: () => Promise<Outcome>): Promise<Outcome> {
    try {
      return await this.until(work());
    } finally {
      this.#endLimit();
      this.#onEnded();
    }
  }

  /** What comes first: the promise, or the end of the call, which rejects. */
  until<Value>(promise: Promise<Value>): Promise<Value> {
    return Promise.race([promise, this.#over]);
  }

  /** Waits a moment, as nothing tells when to try again. */
  pause(ms: number): Promise<void> {
    return this.until(
      new Promise((resolve) => {
        setTimeout(resolve, Math.min(ms, this.leftMs));
      }),
    );
  }

  /** Throws once the call is over, for work that would otherwise go on without anybody waiting. */
  check(): void {
    if (this.#error !== undefined) throw this.#error;
  }

  #timeoutError(): StashError {
    const waiting = this.#waiting;
    switch (waiting.for) {
      case "connection":
        return notConnected(this.operation, waiting.cause);
      case "stream":
        return notFilled(this.operation, this.#timeoutMs, waiting.cause);
      case "quorum":
        return noQuorum(this.operation, this.#timeoutMs);
      case "answer":
        return timedOut(this.operation, this.#timeoutMs, waiting.found);
    }
  }
}
