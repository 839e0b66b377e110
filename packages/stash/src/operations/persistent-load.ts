import type { StashError } from "../errors.ts";
import type { LoadOutcome, MaybePromise, StashId } from "../store/adapter.ts";
import { callAdapter, cleanUp, isPromise } from "../store/bounded-call.ts";
import type { TokenContents } from "../token/envelope.ts";
import { deadlineMs, finalDeadlineMs } from "../view/deadline.ts";
import { asStashError } from "../view/report.ts";
import type { UnansweredLoad, StashedView } from "../view/stashed-view.ts";

/** The delay before a retry doubles from the first to the longest, since a client waits for a few seconds. */
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 1_000;
/** Spreads the retries of pages that came back at the same moment. */
const JITTER = 0.2;

/**
 * A load that is tried again until the store answers: a store that fails or does not answer has not said
 * that the stash is gone. An answer counts whenever it comes, including the late answer of an earlier try.
 */
export class PersistentLoad implements UnansweredLoad {
  readonly #view: StashedView;
  readonly #contents: TokenContents;
  /** The store's answer, once there is one. */
  answer: LoadOutcome | undefined;
  /** The reason why the last try had no answer. */
  lastError: StashError | undefined;
  #isAbandoned = false;
  /** Ends the pause between two tries. */
  #wake: (() => void) | undefined;
  /** Receives an answer that comes between two tries in the background. */
  onLateAnswer: (() => void) | undefined;

  constructor(view: StashedView, contents: TokenContents) {
    this.#view = view;
    this.#contents = contents;
  }

  get id(): StashId {
    return this.#contents.id;
  }

  /**
   * Tries once, for at most `timeoutMs`. Returns the answer, `undefined` if the store has not answered.
   * Throws or rejects with a `StashError` that asking again will not change.
   */
  ask(timeoutMs = this.#view.settings.timeoutMs): MaybePromise<LoadOutcome | undefined> {
    if (this.answer !== undefined) return this.answer;
    const view = this.#view;
    const request = { ...this.#contents, owner: view.owner, expiresAtMs: deadlineMs(view) };
    const call = { adapter: view.settings.adapter, timeoutMs };
    let outcome: MaybePromise<LoadOutcome>;
    try {
      outcome = callAdapter(call, "load", request, (late) => this.#acceptLate(late));
    } catch (thrown) {
      return this.#failed(thrown);
    }
    return isPromise(outcome) ? this.#settle(outcome) : this.#accept(outcome);
  }

  /**
   * Tries again until `untilMs`, in ms of `performance.now()`, or until the load is abandoned. Resolves
   * with `undefined` if the store has not answered.
   */
  async askAgain(untilMs: number): Promise<LoadOutcome | undefined> {
    for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(2 * delayMs, LONGEST_DELAY_MS)) {
      let leftMs = untilMs - performance.now();
      if (leftMs < 1 || this.#isAbandoned) return this.answer;
      await this.#pause(Math.min(delayMs * (1 + JITTER * Math.random()), leftMs));
      leftMs = untilMs - performance.now();
      if (leftMs < 1 || this.#isAbandoned) return this.answer;
      const { timeoutMs } = this.#view.settings;
      const outcome = await this.ask(Math.min(timeoutMs, Math.ceil(leftMs)));
      if (outcome !== undefined) return outcome;
    }
  }

  /** Stops trying. A stash that an answer has taken over, or will, gets its final deadline. */
  abandon(): void {
    this.#isAbandoned = true;
    if (this.answer !== undefined) this.#setFinalDeadline(this.answer);
    this.#wake?.();
  }

  async #settle(outcome: Promise<LoadOutcome>): Promise<LoadOutcome | undefined> {
    try {
      return this.#accept(await outcome);
    } catch (thrown) {
      return this.#failed(thrown);
    }
  }

  /** Keeps the first answer: later ones are about a stash that this view has taken over already. */
  #accept(outcome: LoadOutcome): LoadOutcome {
    if (this.#isAbandoned || this.#view.end !== undefined) this.#setFinalDeadline(outcome);
    this.answer ??= outcome;
    return this.answer;
  }

  #acceptLate(outcome: LoadOutcome): void {
    const isFirst = this.answer === undefined;
    this.#accept(outcome);
    if (!isFirst) return;
    this.#wake?.();
    this.onLateAnswer?.();
  }

  #failed(thrown: unknown): LoadOutcome | undefined {
    if (this.answer !== undefined) return this.answer;
    const error = asStashError(thrown);
    const isUnanswered =
      error.code === "adapter_unavailable" ||
      error.code === "adapter_timeout" ||
      error.code === "adapter_closed";
    if (!isUnanswered) throw error;
    this.lastError = error;
    return undefined;
  }

  #pause(ms: number): Promise<void> {
    if (this.answer !== undefined) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Sets the deadline as if the view's connection had dropped now, or when the view ended before. */
  #setFinalDeadline({ status }: LoadOutcome): void {
    if (status !== "loaded") return;
    const { owner, settings, end } = this.#view;
    const expiresAtMs =
      end === undefined ? settings.clock.now() + settings.ttlMs : finalDeadlineMs(settings, end);
    const { id } = this.#contents;
    void cleanUp(settings, "keepAlive", [{ id, owner, expiresAtMs, isFinal: true }]);
  }
}
