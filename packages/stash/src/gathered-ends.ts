import type { KeepAliveRequest, StashAdapter } from "./adapter.ts";
import { KeepAliveCall } from "./adapter-calls.ts";
import { reportOnce } from "./report-once.ts";
import { asStashError, type StashedView } from "./stashed-view.ts";

/** How long after a call of the adapter further ends are gathered. */
const GATHER_MS = 250;

const gathered = new WeakMap<StashAdapter, GatheredEnds>();

/**
 * Sets the deadline of a stash whose view has ended. Resolves when that is done, and never rejects.
 *
 * The first one is told to the store at once, those that follow closely after it together: where
 * users come and go all the time, or all connections break at once, it would be a round trip for each,
 * for a deadline that is far away.
 */
export function setFinalDeadline(view: StashedView, request: KeepAliveRequest): Promise<void> {
  const { adapter } = view.settings;
  let ends = gathered.get(adapter);
  if (ends === undefined) {
    ends = new GatheredEnds(adapter);
    gathered.set(adapter, ends);
  }
  return ends.add({ view, request });
}

interface End {
  readonly view: StashedView;
  readonly request: KeepAliveRequest;
}

class GatheredEnds {
  readonly #adapter: StashAdapter;
  #ends: End[] = [];
  /** Settles with the ends that are gathered now. */
  #told: Promise<void> | undefined;
  #tell: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(adapter: StashAdapter) {
    this.#adapter = adapter;
  }

  add(end: End): Promise<void> {
    if (this.#timer === undefined) {
      this.#timer = setTimeout(() => this.#next(), GATHER_MS).unref();
      return this.#call([end]);
    }
    this.#ends.push(end);
    if (this.#told === undefined) {
      // Somebody waits for it now, perhaps the process on its way out.
      this.#timer.ref();
      this.#told = new Promise((resolve) => {
        this.#tell = resolve;
      });
    }
    return this.#told;
  }

  #next(): void {
    this.#timer = undefined;
    const tell = this.#tell;
    if (tell === undefined) return;
    const ends = this.#ends;
    this.#ends = [];
    this.#told = undefined;
    this.#tell = undefined;
    this.#timer = setTimeout(() => this.#next(), GATHER_MS).unref();
    void this.#call(ends).then(tell);
  }

  async #call(ends: readonly End[]): Promise<void> {
    const timeoutMs = Math.max(...ends.map(({ view }) => view.settings.timeoutMs));
    try {
      const requests = ends.map(({ request }) => request);
      await new KeepAliveCall({ adapter: this.#adapter, timeoutMs }, requests).outcome();
    } catch (thrown) {
      const views = ends.map(({ view }) => view);
      reportOnce(views, "end", asStashError(thrown));
    }
  }
}
