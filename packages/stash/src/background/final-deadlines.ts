import { setImmediate as nextTick } from "node:timers/promises";
import type { Settings } from "../options.ts";
import type { KeepAliveRequest } from "../store/adapter.ts";
import { callAdapter } from "../store/bounded-call.ts";
import { asStashError, report } from "../view/report.ts";
import type { StashedView } from "../view/stashed-view.ts";

/** The interval between batches: a mass disconnect is a few calls, and a deadline is much further away. */
const BATCH_INTERVAL_MS = 250;
/** Bounds one call, so that it stays within its time limit. */
const MAX_REQUESTS = 500;

/** The final deadline of a view that has ended. */
interface FinalDeadline {
  readonly view: StashedView;
  readonly request: KeepAliveRequest;
}

/** Deadlines to send together. */
class Batch {
  readonly deadlines: FinalDeadline[] = [];
  /** Resolves when the batch has been sent, or has failed. */
  readonly sent: Promise<void>;
  resolve: (sent: Promise<void>) => void = () => {};

  constructor() {
    this.sent = new Promise((resolve) => {
      this.resolve = resolve;
    });
  }
}

/**
 * Sends the final deadlines of views of one adapter in batches: the first batch at the end of the current
 * tick, later ones after 250 ms, so that a mass disconnect is one call, not thousands. A server that shuts
 * down does not wait.
 */
export class FinalDeadlines {
  #batch: Batch | undefined;
  /** Runs until the next batch may be sent. */
  #timer: NodeJS.Timeout | undefined;
  /** The batch is sent at the end of this tick. */
  #isScheduled = false;

  /** Sends the deadline of a view that has ended. Resolves when it has been sent, or has failed. */
  add(view: StashedView, request: KeepAliveRequest): Promise<void> {
    this.#batch ??= new Batch();
    this.#batch.deadlines.push({ view, request });
    const isShutdown = view.end?.reason === "shutdown";
    if (this.#timer === undefined || isShutdown) {
      if (!this.#isScheduled) setImmediate(() => this.#send());
      this.#isScheduled = true;
    } else {
      // Keeps the process alive for the timer: a caller is now waiting for the batch.
      this.#timer.ref();
    }
    return this.#batch.sent;
  }

  #send(): void {
    this.#isScheduled = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const batch = this.#batch;
    this.#batch = undefined;
    if (batch === undefined) return;
    this.#timer = setTimeout(() => this.#send(), BATCH_INTERVAL_MS).unref();
    batch.resolve(sendAll(batch.deadlines));
  }
}

/**
 * Starts one call per tick, so that thousands of deadlines do not block the event loop. No call waits for
 * another's answer: a store that hangs receives all of them when it continues.
 */
async function sendAll(deadlines: readonly FinalDeadline[]): Promise<void> {
  const calls: Promise<void>[] = [];
  for (const [settings, group] of bySettings(deadlines)) {
    for (let from = 0; from < group.length; from += MAX_REQUESTS) {
      if (calls.length > 0) await nextTick();
      calls.push(sendSome(settings, group.slice(from, from + MAX_REQUESTS)));
    }
  }
  await Promise.all(calls);
}

/** Groups by `liveStash()`: its views share a time limit, and an `onError` that gets a failure once. */
function bySettings(
  deadlines: readonly FinalDeadline[],
): ReadonlyMap<Settings, readonly FinalDeadline[]> {
  const groups = new Map<Settings, FinalDeadline[]>();
  for (const deadline of deadlines) {
    const { settings } = deadline.view;
    const group = groups.get(settings);
    if (group === undefined) groups.set(settings, [deadline]);
    else group.push(deadline);
  }
  return groups;
}

async function sendSome(settings: Settings, deadlines: readonly FinalDeadline[]): Promise<void> {
  const [first] = deadlines;
  try {
    const requests = deadlines.map(({ request }) => request);
    await callAdapter(settings, "keepAlive", requests);
  } catch (thrown) {
    if (first !== undefined) report(first.view, "end", asStashError(thrown));
  }
}
