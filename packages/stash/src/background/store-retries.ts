import type { StashAdapter } from "../store/adapter.ts";
import { asStashError, report, type StashedView } from "../view/stashed-view.ts";

/** The first wait after a failure; each further one is twice as long, up to the longest. */
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 5_000;
/** Nodes that failed together must not all come back at the same moment. */
const JITTER = 0.2;
/** How many views are tried at a time once the store answers again. */
const VIEWS_PER_WAVE = 64;

/** What the store could not do for a view, to be tried again in the background. */
export interface Retry {
  /** Whether the view still needs it. */
  isNeeded(view: StashedView): boolean;
  /** Tries once more. Resolves with whether the store answered. */
  run(view: StashedView): Promise<boolean>;
}

const loops = new WeakMap<StashAdapter, RetryLoop>();

/** Tries again, in the background, until the store answers or the view no longer needs it. */
export function retryLater(view: StashedView, retry: Retry): void {
  const { adapter } = view.settings;
  let loop = loops.get(adapter);
  if (loop === undefined) {
    loop = new RetryLoop();
    loops.set(adapter, loop);
  }
  loop.add(view, retry);
}

/**
 * The views of one adapter that wait for its store. One timer for all of them, which keeps no process
 * alive, and one try at a time until the store answers: it is not pressed when it is in trouble.
 */
class RetryLoop {
  readonly #views = new Map<StashedView, Retry>();
  #timer: NodeJS.Timeout | undefined;
  #delayMs = FIRST_DELAY_MS;

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
    this.#drop();
    let size = 1;
    let hasAnswered = true;
    while (hasAnswered && this.#views.size > 0) {
      const tries = this.#first(size).map(([view, retry]) => this.#try(view, retry));
      hasAnswered = (await Promise.all(tries)).every(Boolean);
      size = VIEWS_PER_WAVE;
    }
    this.#delayMs = hasAnswered ? FIRST_DELAY_MS : Math.min(2 * this.#delayMs, LONGEST_DELAY_MS);
    this.#timer = undefined;
    this.#arm();
  }

  /** Removes views that need nothing any more: they would pile up, and trying them asks no store. */
  #drop(): void {
    for (const [view, retry] of this.#views) {
      if (!retry.isNeeded(view)) this.#views.delete(view);
    }
  }

  /** The views that have waited longest. */
  #first(size: number): [StashedView, Retry][] {
    const first: [StashedView, Retry][] = [];
    for (const entry of this.#views) {
      if (first.length === size) break;
      first.push(entry);
    }
    return first;
  }

  async #try(view: StashedView, retry: Retry): Promise<boolean> {
    this.#views.delete(view);
    if (!retry.isNeeded(view)) return true;
    try {
      if (await retry.run(view)) return true;
    } catch (thrown) {
      // The store has answered, if not as expected; the others are not to wait for this one.
      report(view, "stash", asStashError(thrown));
      return true;
    }
    // Behind the others, so that one that always fails keeps nobody waiting.
    if (!this.#views.has(view)) this.#views.set(view, retry);
    return false;
  }
}
