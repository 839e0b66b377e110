import { setImmediate as nextTurn } from "node:timers/promises";
import type { KeepAliveRequest, StashAdapter } from "../store/adapter.ts";
import { callAdapter } from "../store/bounded-call.ts";
import type { Settings } from "../options.ts";
import { asStashError, report, type StashedView } from "../view/stashed-view.ts";

/** How long after the store was told of ends further ones are gathered. */
const GATHER_MS = 250;
/** One call of an adapter, and its time, is for so many at most. */
const MAX_REQUESTS = 500;

const gathered = new WeakMap<StashAdapter, GatheredEnds>();

/**
 * Sets the deadline of a stash whose view has ended. Resolves when that is done, or has failed.
 *
 * What ends in one turn of the event loop is told to the store at its end, and what follows closely
 * after it together: where users come and go all the time, or all connections break at once, it would
 * be a round trip for each, for a deadline that is far away. A server that shuts down does not wait.
 */
export function setFinalDeadline(view: StashedView, request: KeepAliveRequest): Promise<void> {
  const { adapter } = view.settings;
  let ends = gathered.get(adapter);
  if (ends === undefined) {
    ends = new GatheredEnds();
    gathered.set(adapter, ends);
  }
  return ends.add({ view, request });
}

interface End {
  readonly view: StashedView;
  readonly request: KeepAliveRequest;
}

/** Ends that the store will be told of with the next call. */
class Batch {
  readonly ends: End[] = [];
  /** Settles as what `settle` is given. */
  readonly told: Promise<void>;
  settle: (calls: Promise<void>) => void = () => {};

  constructor() {
    this.told = new Promise((resolve) => {
      this.settle = resolve;
    });
  }
}

class GatheredEnds {
  #batch: Batch | undefined;
  /** Runs while the last call is so close that further ends are gathered. */
  #timer: NodeJS.Timeout | undefined;
  /** At the end of this turn. */
  #isToldSoon = false;

  add(end: End): Promise<void> {
    this.#batch ??= new Batch();
    this.#batch.ends.push(end);
    const isShutdown = end.view.end?.reason === "shutdown";
    if (this.#timer === undefined || isShutdown) {
      if (!this.#isToldSoon) setImmediate(() => this.#tell());
      this.#isToldSoon = true;
    } else {
      // Somebody waits for it now, perhaps the process on its way out.
      this.#timer.ref();
    }
    return this.#batch.told;
  }

  #tell(): void {
    this.#isToldSoon = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const batch = this.#batch;
    this.#batch = undefined;
    if (batch === undefined) return;
    this.#timer = setTimeout(() => this.#tell(), GATHER_MS).unref();
    batch.settle(setDeadlines(batch.ends));
  }
}

/**
 * One call in each turn, so that thousands do not keep everybody else waiting. No call waits for
 * another's answer: a store that hangs has been told of all of them when it goes on.
 */
async function setDeadlines(ends: readonly End[]): Promise<void> {
  const calls: Promise<void>[] = [];
  for (const [settings, those] of bySettings(ends)) {
    for (let from = 0; from < those.length; from += MAX_REQUESTS) {
      if (calls.length > 0) await nextTurn();
      calls.push(setSome(settings, those.slice(from, from + MAX_REQUESTS)));
    }
  }
  await Promise.all(calls);
}

/** Views of one `liveStash()` share its time and its `onError`, which hears of a failure once. */
function bySettings(ends: readonly End[]): ReadonlyMap<Settings, readonly End[]> {
  const groups = new Map<Settings, End[]>();
  for (const end of ends) {
    const { settings } = end.view;
    const group = groups.get(settings);
    if (group === undefined) groups.set(settings, [end]);
    else group.push(end);
  }
  return groups;
}

async function setSome(settings: Settings, ends: readonly End[]): Promise<void> {
  const [first] = ends;
  try {
    const requests = ends.map(({ request }) => request);
    await callAdapter(settings, "keepAlive", requests);
  } catch (thrown) {
    if (first !== undefined) report(first.view, "end", asStashError(thrown));
  }
}
