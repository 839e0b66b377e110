import { asStashError, report } from "../view/report.ts";
import type { Retry, StashedView } from "../view/stashed-view.ts";

/** The delay after a failure doubles from the first to the longest, so that a failing store gets a rest. */
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 5_000;
/** Spreads the retries of nodes that failed at the same moment. */
const JITTER = 0.2;
/** Views to retry at a time once the store answers, so that they do not overload it. */
const VIEWS_PER_WAVE = 64;

/**
 * Retries store operations of the views of one adapter, until the store answers or the view no longer
 * needs the operation. Has one timer for all of them, which does not keep the process alive, and tries
 * one view at a time until the store answers.
 */
export class StoreRetries {
  readonly #views = new Map<StashedView, Retry>();
  #timer: NodeJS.Timeout | undefined;
  #delayMs = FIRST_DELAY_MS;

  /** Adds an operation, in place of an earlier one of the same view. */
  add(view: StashedView, retry: Retry): void {
    this.#views.set(view, retry);
    this.#arm();
  }

  #arm(): void {
    if (this.#timer !== undefined || this.#views.size === 0) return;
    const delayMs = this.#delayMs * (1 + JITTER * Math.random());
    this.#timer = setTimeout(() => void this.#round(), delayMs).unref();
  }

  async #round(): Promise<void> {
    this.#removeSettled();
    let size = 1;
    let hasAnswered = true;
    while (hasAnswered && this.#views.size > 0) {
      const tries = this.#oldest(size).map(([view, retry]) => this.#try(view, retry));
      hasAnswered = (await Promise.all(tries)).every(Boolean);
      size = VIEWS_PER_WAVE;
    }
    this.#delayMs = hasAnswered ? FIRST_DELAY_MS : Math.min(2 * this.#delayMs, LONGEST_DELAY_MS);
    this.#timer = undefined;
    this.#arm();
  }

  /**
   * Removes views that no longer need their operation. They would accumulate, and retrying them would look
   * like an answer of the store.
   */
  #removeSettled(): void {
    for (const [view, retry] of this.#views) {
      if (!retry.isNeeded(view)) this.#views.delete(view);
    }
  }

  /** The views that have waited longest. */
  #oldest(size: number): [StashedView, Retry][] {
    const oldest: [StashedView, Retry][] = [];
    for (const entry of this.#views) {
      if (oldest.length === size) break;
      oldest.push(entry);
    }
    return oldest;
  }

  async #try(view: StashedView, retry: Retry): Promise<boolean> {
    this.#views.delete(view);
    if (!retry.isNeeded(view)) return true;
    try {
      if (await retry.run(view)) return true;
    } catch (thrown) {
      // The store has answered, even if with an error: the other views need not wait for this one.
      report(view, "stash", asStashError(thrown));
      return true;
    }
    // Moves to the end, so that a view that always fails does not hold up the others.
    if (!this.#views.has(view)) this.#views.set(view, retry);
    return false;
  }
}
