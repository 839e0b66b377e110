import type { MaybePromise, StashAdapter } from "./adapter.ts";
import { StashError } from "../errors.ts";
import { startTimeLimit } from "../time-limit.ts";

/** Who is asked, and how long an answer is waited for. */
export interface CallSettings {
  readonly adapter: StashAdapter;
  readonly timeoutMs: number;
}

/**
 * One call of an adapter, with a bounded wait for its answer. It is at the same time the request
 * that the adapter gets: so the signal is made only for adapters that look at it, and a call that is
 * answered at once costs neither a timer nor a closure.
 */
export abstract class AdapterCall<Outcome> {
  readonly #settings: CallSettings;
  #controller: AbortController | undefined;
  #timeout: StashError | undefined;

  constructor(settings: CallSettings) {
    this.#settings = settings;
  }

  /** The adapter's method, for messages. */
  protected abstract readonly operation: string;
  protected abstract ask(adapter: StashAdapter): MaybePromise<Outcome>;
  /** Told of an outcome that came when nobody waited for it any more. */
  protected settleLate(_outcome: Outcome): void {}

  /** Aborted when the core stops waiting. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#timeout !== undefined) this.#controller.abort(this.#timeout);
    }
    return this.#controller.signal;
  }

  /**
   * The outcome, at once if the adapter has it. Throws or rejects with the adapter's own `StashError`,
   * with `adapter_unavailable` for any other error, and with `adapter_timeout`. A rejection after that
   * is nobody's unhandled one.
   */
  outcome(): MaybePromise<Outcome> {
    let answer: MaybePromise<Outcome>;
    try {
      answer = this.ask(this.#settings.adapter);
    } catch (cause) {
      throw this.#asStashError(cause);
    }
    return isPromise(answer) ? this.#withinTime(answer) : answer;
  }

  #withinTime(answer: Promise<Outcome>): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const endLimit = startTimeLimit(this.#settings.timeoutMs, () => {
        this.#timeout = this.#timedOut();
        reject(this.#timeout);
        this.#controller?.abort(this.#timeout);
      });
      answer.then(
        (outcome) => {
          endLimit();
          if (this.#timeout === undefined) resolve(outcome);
          else this.settleLate(outcome);
        },
        (cause: unknown) => {
          endLimit();
          reject(this.#asStashError(cause));
        },
      );
    });
  }

  #timedOut(): StashError {
    const { adapter, timeoutMs } = this.#settings;
    return new StashError(
      "adapter_timeout",
      `${this.operation} of the stash adapter "${adapter.name}": expected an answer within ` +
        `${timeoutMs} ms, found none. Check the store, or raise timeoutMs.`,
    );
  }

  #asStashError(cause: unknown): StashError {
    if (cause instanceof StashError) return cause;
    return new StashError(
      "adapter_unavailable",
      `${this.operation} of the stash adapter "${this.#settings.adapter.name}" failed: expected an ` +
        "outcome, found an error (see cause). Check the store; the next call tries again.",
      { cause },
    );
  }
}

/** Whether an answer has to be waited for. */
export function isPromise<Outcome>(answer: MaybePromise<Outcome>): answer is Promise<Outcome> {
  return typeof answer === "object" && answer !== null && "then" in answer;
}
