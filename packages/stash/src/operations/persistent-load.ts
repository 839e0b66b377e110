import type { LoadOutcome, LoadRequest, MaybePromise, StashId } from "../store/adapter.ts";
import { callAdapter, cleanUp, isPromise } from "../store/bounded-call.ts";
import type { StashError } from "../errors.ts";
import type { TokenContents } from "../token/envelope.ts";
import {
  asStashError,
  deadlineMs,
  finalDeadlineMs,
  type StashedView,
} from "../view/stashed-view.ts";

/** The wait before the second try, in ms; each further one is twice as long, up to the longest. */
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 1_000;
/** Pages that came back together must not all ask again at the same moment. */
const JITTER = 0.2;

/**
 * One question to the store, what a token names, asked again until it is answered: a store that fails
 * or is silent has not said that the stash is gone. An answer counts whenever it comes, also that of
 * an earlier try.
 */
export class PersistentLoad {
  readonly #view: StashedView;
  readonly #contents: TokenContents;
  #answer: LoadOutcome | undefined;
  #lastError: StashError | undefined;
  #isAbandoned = false;
  /** Ends the pause between two tries. */
  #wake: (() => void) | undefined;
  /** Receives an answer that came between two tries in the background. */
  onLateAnswer: (() => void) | undefined;

  constructor(view: StashedView, contents: TokenContents) {
    this.#view = view;
    this.#contents = contents;
  }

  /** The id that is asked for. */
  get id(): StashId {
    return this.#contents.id;
  }

  /** The store's answer, once there is one. */
  get answer(): LoadOutcome | undefined {
    return this.#answer;
  }

  /** Why the last try had no answer. */
  get lastError(): StashError | undefined {
    return this.#lastError;
  }

  /**
   * Asks once, for at most `timeoutMs`: the answer, `undefined` if the store has none yet. Throws or
   * rejects with a `StashError` that asking again will not change.
   */
  ask(timeoutMs = this.#view.settings.timeoutMs): MaybePromise<LoadOutcome | undefined> {
    if (this.#answer !== undefined) return this.#answer;
    const { adapter } = this.#view.settings;
    let outcome: MaybePromise<LoadOutcome>;
    try {
      outcome = callAdapter({ adapter, timeoutMs }, "load", this.#request(), (late) =>
        this.#late(late),
      );
    } catch (thrown) {
      return this.#failed(thrown);
    }
    return isPromise(outcome) ? this.#accept(outcome) : this.#keep(outcome);
  }

  /**
   * Asks again until `untilMs`, by `performance.now()`, or until the view ends. `undefined`: the store
   * has not answered.
   */
  async askAgain(untilMs: number): Promise<LoadOutcome | undefined> {
    for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(2 * delayMs, LONGEST_DELAY_MS)) {
      let leftMs = untilMs - performance.now();
      if (leftMs < 1 || this.#isAbandoned) return this.#answer;
      await this.#pause(Math.min(delayMs * (1 + JITTER * Math.random()), leftMs));
      leftMs = untilMs - performance.now();
      if (leftMs < 1 || this.#isAbandoned) return this.#answer;
      const { timeoutMs } = this.#view.settings;
      const outcome = await this.ask(Math.min(timeoutMs, Math.ceil(leftMs)));
      if (outcome !== undefined) return outcome;
    }
  }

  /** Stops asking. A stash that an answer still takes over gets its final deadline. */
  abandon(): void {
    this.#isAbandoned = true;
    // An answer that nobody has taken up yet.
    if (this.#answer !== undefined) this.#setFinalDeadline(this.#answer);
    this.#wake?.();
  }

  #request(): LoadRequest {
    const { id, adapterData } = this.#contents;
    return { id, adapterData, owner: this.#view.owner, expiresAtMs: deadlineMs(this.#view) };
  }

  async #accept(answer: Promise<LoadOutcome>): Promise<LoadOutcome | undefined> {
    try {
      return this.#keep(await answer);
    } catch (thrown) {
      return this.#failed(thrown);
    }
  }

  /** The first answer stays: later ones are about what this view has taken over already. */
  #keep(outcome: LoadOutcome): LoadOutcome {
    if (this.#isAbandoned || this.#view.end !== undefined) this.#setFinalDeadline(outcome);
    this.#answer ??= outcome;
    return this.#answer;
  }

  #late(outcome: LoadOutcome): void {
    const isFirst = this.#answer === undefined;
    this.#keep(outcome);
    if (!isFirst) return;
    this.#wake?.();
    this.onLateAnswer?.();
  }

  #failed(thrown: unknown): LoadOutcome | undefined {
    if (this.#answer !== undefined) return this.#answer;
    const error = asStashError(thrown);
    const isUnanswered =
      error.code === "adapter_unavailable" ||
      error.code === "adapter_timeout" ||
      error.code === "adapter_closed";
    if (!isUnanswered) throw error;
    this.#lastError = error;
    return undefined;
  }

  #pause(ms: number): Promise<void> {
    if (this.#answer !== undefined) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** As if the connection had dropped when the stash was taken over, or when it did before that. */
  #setFinalDeadline({ status }: LoadOutcome): void {
    if (status !== "loaded") return;
    const { owner, settings, end } = this.#view;
    const expiresAtMs =
      end === undefined ? settings.clock.now() + settings.ttlMs : finalDeadlineMs(settings, end);
    const { id } = this.#contents;
    void cleanUp(settings, "keepAlive", [{ id, owner, expiresAtMs, isFinal: true }]);
  }
}
