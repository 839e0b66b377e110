import type { StashError } from "live-stash";
import { startTimeLimit } from "live-stash/adapter";
import { noQuorum, notConnected, notFilled, timedOut } from "../nats-errors.ts";

/** The event that a call waits for, which its timeout error names. */
type Waiting =
  | { readonly for: "answer"; readonly found: string }
  | { readonly for: "connection"; readonly cause: unknown }
  | { readonly for: "stream"; readonly cause: unknown }
  | { readonly for: "quorum" };

/** A call of the adapter, which ends in bounded time even if NATS never answers. */
export class BoundedCall {
  readonly operation: string;
  readonly #timeoutMs: number;
  readonly #endsAtMs: number;
  readonly #failed: Promise<never>;
  readonly #reject: (error: StashError) => void;
  readonly #endLimit: () => void;
  #error: StashError | undefined;
  #onEnded = (): void => {};
  /** Resolves when the call has ended, with or without an error. */
  readonly ended: Promise<void>;
  #waiting: Waiting = { for: "answer", found: "none" };

  constructor(operation: string, timeoutMs: number) {
    this.operation = operation;
    this.#timeoutMs = timeoutMs;
    this.#endsAtMs = performance.now() + timeoutMs;
    this.ended = new Promise((resolve) => {
      this.#onEnded = resolve;
    });
    let rejectFailed = (_error: StashError): void => {};
    this.#failed = new Promise((_, reject) => {
      rejectFailed = reject;
    });
    // Callers of until() get the rejection; without this, no caller would mean an unhandled rejection.
    this.#failed.catch(() => {});
    this.#reject = rejectFailed;
    this.#endLimit = startTimeLimit(timeoutMs, () => this.fail(this.#timeoutError()));
  }

  /** Sets the event that the call waits for from now on. */
  waits(waiting: Waiting): void {
    this.#waiting = waiting;
  }

  get leftMs(): number {
    return Math.max(0, this.#endsAtMs - performance.now());
  }

  /** Ends the call with an error. */
  fail(error: StashError): void {
    this.#endLimit();
    this.#error ??= error;
    this.#reject(this.#error);
  }

  /** Runs the work of this call. Rejects when the call times out or fails first. */
  async run<Outcome>(work: () => Promise<Outcome>): Promise<Outcome> {
    try {
      return await this.until(work());
    } finally {
      this.#endLimit();
      this.#onEnded();
    }
  }

  /** Awaits a promise. Rejects when the call times out or fails first. */
  until<Value>(promise: Promise<Value>): Promise<Value> {
    return Promise.race([promise, this.#failed]);
  }

  /** Waits before another attempt, where no event announces that it can succeed. */
  pause(ms: number): Promise<void> {
    return this.until(
      new Promise((resolve) => {
        setTimeout(resolve, Math.min(ms, this.leftMs));
      }),
    );
  }

  /** Throws if the call has failed, to stop work whose outcome no caller awaits any more. */
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
