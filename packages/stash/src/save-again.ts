import type { StashAdapter } from "./adapter.ts";
import { channels, traceOperation } from "./diagnostics.ts";
import type { StashResult } from "./results.ts";
import { deadlineMs, type StashedView, takeTurn, type UnsavedState } from "./stashed-view.ts";

/** The first wait after a failure; each further one is twice as long, up to the longest. */
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 5_000;
/** Nodes that failed together must not all come back at the same moment. */
const JITTER = 0.2;
/** How many are saved at a time once the store answers again. */
const VIEWS_PER_WAVE = 64;

/** Writes what a view has that is unsaved, in its turn. */
type SaveUnsaved = (view: StashedView) => Promise<StashResult>;

const loops = new WeakMap<StashAdapter, SaveAgainLoop>();

/**
 * Tries again, in the background, to save what a view has that is unsaved, until it is saved, replaced
 * by something newer, or would be expired.
 */
export function saveAgain(view: StashedView, saveUnsaved: SaveUnsaved): void {
  const { adapter } = view.settings;
  let loop = loops.get(adapter);
  if (loop === undefined) {
    loop = new SaveAgainLoop();
    loops.set(adapter, loop);
  }
  loop.add(view, saveUnsaved);
}

/**
 * What a view has that is unsaved, if anybody could still ask for it: not once another view owns the
 * stash, the page has left, or the view ended so long ago, or so early that no browser has a name.
 */
export function unsavedOf(view: StashedView): UnsavedState | undefined {
  const { end, hold, isSuperseded, settings, unsaved } = view;
  if (unsaved === undefined || isSuperseded) return undefined;
  if (end === undefined) return unsaved;
  const isNamed = hold !== undefined && end.reason !== "left";
  // With a deadline that has passed it would be deleted, if anything.
  return isNamed && deadlineMs(view) > settings.clock.now() ? unsaved : undefined;
}

/**
 * The views of one adapter with unsaved states. One timer for all of them, which keeps no process
 * alive, and one try at a time until the store answers: it is not pressed when it is in trouble.
 */
class SaveAgainLoop {
  readonly #views = new Map<StashedView, SaveUnsaved>();
  #timer: NodeJS.Timeout | undefined;
  #delayMs = FIRST_DELAY_MS;

  add(view: StashedView, saveUnsaved: SaveUnsaved): void {
    this.#views.set(view, saveUnsaved);
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
      const tries = this.#first(size).map(([view, saveUnsaved]) => this.#try(view, saveUnsaved));
      hasAnswered = (await Promise.all(tries)).every(Boolean);
      size = VIEWS_PER_WAVE;
    }
    this.#delayMs = hasAnswered ? FIRST_DELAY_MS : Math.min(2 * this.#delayMs, LONGEST_DELAY_MS);
    this.#timer = undefined;
    this.#arm();
  }

  /** Lets go of views with nothing to save: they would pile up, and trying them asks no store. */
  #drop(): void {
    for (const view of this.#views.keys()) {
      if (unsavedOf(view) === undefined) this.#views.delete(view);
    }
  }

  /** The views that have waited longest. */
  #first(size: number): [StashedView, SaveUnsaved][] {
    const first: [StashedView, SaveUnsaved][] = [];
    for (const entry of this.#views) {
      if (first.length === size) break;
      first.push(entry);
    }
    return first;
  }

  /** Resolves with whether the store answered. */
  async #try(view: StashedView, saveUnsaved: SaveUnsaved): Promise<boolean> {
    this.#views.delete(view);
    if (unsavedOf(view) === undefined) return true;
    const { host, settings } = view;
    const result = takeTurn(view, saveUnsaved, undefined);
    if (channels.operation.hasSubscribers) {
      const adapter = settings.adapter.name;
      traceOperation({ operation: "stash", view: host.view.name, adapter }, result);
    }
    await result;
    if (view.unsaved === undefined) return true;
    // Still unsaved: behind the others, so that one that always fails keeps nobody waiting.
    this.#views.set(view, saveUnsaved);
    return false;
  }
}
