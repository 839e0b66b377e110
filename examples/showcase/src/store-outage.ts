import { StashError } from "live-stash";
import type { MaybePromise, StashAdapter } from "live-stash/adapter";

/** The duration and start of the store's outage. */
export interface Outage {
  /** In ms. */
  readonly durationMs: number;
  /** In ms since the epoch. */
  readonly startedAtMs: number;
}

/**
 * A store with outages on demand, for demonstrations: an adapter in front of the real one.
 *
 * During an outage a save fails at once, so that visitors who count do not wait. All other calls wait until
 * the store is back, as with a frozen store: deadlines and deletions arrive late, and none is lost.
 */
export class StoreOutage {
  /** The adapter for views whose store can have outages. */
  readonly adapter: StashAdapter;
  readonly #now: () => number;
  readonly #listeners = new Set<() => void>();
  #outage: Outage | undefined;
  #timer: NodeJS.Timeout | undefined;
  #back: Promise<void> = Promise.resolve();
  #resolveBack: () => void = () => undefined;

  constructor(real: StashAdapter, now: () => number) {
    this.#now = now;
    const afterReturn = <Result>(call: () => MaybePromise<Result>): MaybePromise<Result> =>
      this.#outage === undefined ? call() : this.#back.then(call);
    this.adapter = {
      name: real.name,
      capabilities: real.capabilities,
      save: (request) =>
        this.#outage === undefined ? real.save(request) : Promise.reject(unavailable()),
      load: (request) => afterReturn(() => real.load(request)),
      keepAlive: (requests) => afterReturn(() => real.keepAlive(requests)),
      forget: (request) => afterReturn(() => real.forget(request)),
      close: () => {
        this.end();
        return real.close();
      },
    };
  }

  /** The current outage, if there is one. */
  get current(): Outage | undefined {
    return this.#outage;
  }

  /** Begins an outage. Does nothing during one. */
  begin(durationMs: number): void {
    if (this.#outage !== undefined) return;
    this.#outage = { durationMs, startedAtMs: this.#now() };
    this.#back = new Promise((resolve) => (this.#resolveBack = resolve));
    this.#timer = setTimeout(() => this.end(), durationMs).unref();
    this.#notify();
  }

  /** Ends the outage. */
  end(): void {
    if (this.#outage === undefined) return;
    clearTimeout(this.#timer);
    this.#outage = undefined;
    this.#resolveBack();
    this.#notify();
  }

  /** Calls `listener` when an outage begins or ends, until `signal` is aborted. */
  onChange(listener: () => void, signal: AbortSignal): void {
    if (signal.aborted) return;
    this.#listeners.add(listener);
    signal.addEventListener("abort", () => this.#listeners.delete(listener), { once: true });
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}

function unavailable(): StashError {
  return new StashError(
    "adapter_unavailable",
    "Cannot save: expected a store that answers, got one that a visitor took away for a while. " +
      "It comes back by itself.",
  );
}
