import { setImmediate as nextTurn } from "node:timers/promises";
import type { KeepAliveOutcome, KeepAliveRequest, StashAdapter } from "../store/adapter.ts";
import { callAdapter } from "../store/bounded-call.ts";
import { channels, type KeepAliveEvent } from "../channels.ts";
import type { StashError } from "../errors.ts";
import { hasPredecessor } from "../store/owner.ts";
import { renewLease } from "../view/renew-lease.ts";
import type { Settings } from "../options.ts";
import {
  asStashError,
  deadlineMs,
  type Hold,
  report,
  type StashedView,
} from "../view/stashed-view.ts";

/** How many views are settled before everything else has a turn. */
const MEMBERS_PER_TURN = 200;

const loops = new WeakMap<StashAdapter, KeepAliveLoop>();

/**
 * Keeps the view's stash alive from now on, where the adapter needs that. `saveLost` is called for a
 * view whose stash the store no longer has.
 */
export function startKeepAlive(view: StashedView, saveLost: SaveLost): void {
  const { adapter } = view.settings;
  if (!adapter.capabilities.needsKeepAlive || view.end !== undefined) return;
  let loop = loops.get(adapter);
  if (loop === undefined) {
    loop = new KeepAliveLoop(adapter, saveLost);
    loops.set(adapter, loop);
  }
  loop.add(view);
}

/** The view's stash is gone, or its deadline is set otherwise. */
export function stopKeepAlive(view: StashedView): void {
  loops.get(view.settings.adapter)?.remove(view);
}

type SaveLost = (view: StashedView) => void;

/** A view and the stash it held when a batch was put together. */
interface Member {
  readonly view: StashedView;
  readonly hold: Hold;
}

/**
 * Moves the deadlines of all connected views of one adapter, in one call of it. One timer for all
 * of them, which keeps no process alive and stands still while there is no stash.
 */
class KeepAliveLoop {
  readonly #adapter: StashAdapter;
  readonly #saveLost: SaveLost;
  readonly #views = new Set<StashedView>();
  #timer: NodeJS.Timeout | undefined;
  #delayMs = Infinity;
  /** How long the round that is under way was waited for. */
  #roundMs = 0;
  #isCalling = false;

  constructor(adapter: StashAdapter, saveLost: SaveLost) {
    this.#adapter = adapter;
    this.#saveLost = saveLost;
  }

  add(view: StashedView): void {
    this.#views.add(view);
    if (view.settings.keepAliveIntervalMs < this.#delayMs) this.#arm();
  }

  remove(view: StashedView): void {
    this.#views.delete(view);
    if (this.#views.size === 0) this.#disarm();
  }

  #arm(): void {
    this.#disarm();
    if (this.#views.size === 0 || this.#isCalling) return;
    for (const { settings } of this.#views) {
      this.#delayMs = Math.min(this.#delayMs, settings.keepAliveIntervalMs);
    }
    this.#timer = setTimeout(() => void this.#keepAll(), this.#delayMs).unref();
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    this.#delayMs = Infinity;
  }

  async #keepAll(): Promise<void> {
    const members: Member[] = [];
    for (const view of this.#views) {
      if (view.hold !== undefined) members.push({ view, hold: view.hold });
    }
    this.#isCalling = true;
    this.#roundMs = this.#delayMs;
    const startedMs = performance.now();
    let kept = 0;
    try {
      // Bounded by the interval: the next batch must not start before this one is over.
      const settings = { adapter: this.#adapter, timeoutMs: this.#roundMs };
      const outcomes = await callAdapter(settings, "keepAlive", members.map(toRequest));
      await this.#settleAll(members, outcomes);
      kept = outcomes.filter((outcome) => outcome === "kept").length;
    } catch (error) {
      reportOnce(members, asStashError(error));
    } finally {
      this.#isCalling = false;
      this.#arm();
      this.#publish({ count: members.length, kept, durationMs: performance.now() - startedMs });
    }
  }

  #publish(batch: Omit<KeepAliveEvent, "adapter">): void {
    if (!channels.keepAlive.hasSubscribers) return;
    const event: KeepAliveEvent = { adapter: this.#adapter.name, ...batch };
    channels.keepAlive.publish(event);
  }

  async #settleAll(
    members: readonly Member[],
    outcomes: readonly KeepAliveOutcome[],
  ): Promise<void> {
    for (const [index, member] of members.entries()) {
      this.#settle(member, outcomes[index]);
      // Each may send a frame: thousands of them must not keep everything else waiting.
      const isBatchFull = (index + 1) % MEMBERS_PER_TURN === 0;
      if (isBatchFull && index + 1 < members.length) await nextTurn();
    }
  }

  #settle({ view, hold }: Member, outcome: KeepAliveOutcome | undefined): void {
    if (view.hold !== hold) return;
    if (outcome === "kept") return renewLease(view, this.#roundMs);
    // The next stash() must write, whatever the state is.
    view.fingerprint = undefined;
    this.remove(view);
    // A view of this page that was replaced may have been the first to save a lost stash again. Where
    // there was none before this one, it is somebody's who came later.
    view.isLost = outcome === "absent" || hasPredecessor(view.owner);
    if (view.isLost) this.#saveLost(view);
  }
}

function toRequest({ view, hold }: Member): KeepAliveRequest {
  return { id: hold.id, owner: view.owner, expiresAtMs: deadlineMs(view) };
}

/** Thousands of views share one failure: each `onError` hears of it once. */
function reportOnce(members: readonly Member[], error: StashError): void {
  const told = new Set<Settings>();
  for (const { view } of members) {
    if (told.has(view.settings)) continue;
    told.add(view.settings);
    report(view, "keep_alive", error);
  }
}
