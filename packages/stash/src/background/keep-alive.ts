import { setImmediate as nextTick } from "node:timers/promises";
import { channels, type KeepAliveEvent } from "../channels.ts";
import type { StashError } from "../errors.ts";
import type { Settings } from "../options.ts";
import type { KeepAliveOutcome, KeepAliveRequest, StashAdapter } from "../store/adapter.ts";
import { callAdapter } from "../store/bounded-call.ts";
import { hasPredecessor } from "../store/owner.ts";
import { deadlineMs, extendToken } from "../view/deadline.ts";
import { asStashError, report } from "../view/report.ts";
import type { OwnedStash, StashedView } from "../view/stashed-view.ts";

/** Views to settle in one tick of the event loop, since each may send a frame. */
const MEMBERS_PER_TICK = 200;

/** A view and the stash that it owned when the round started. */
interface Member {
  readonly view: StashedView;
  readonly ownedStash: OwnedStash;
}

/**
 * Extends the deadlines of all connected views of one adapter, in one call per interval. Has one timer
 * for all of them, which does not keep the process alive and stops while there is no stash.
 */
export class KeepAliveLoop {
  readonly #adapter: StashAdapter;
  readonly #saveLost: (view: StashedView) => void;
  readonly #views = new Set<StashedView>();
  #timer: NodeJS.Timeout | undefined;
  #delayMs = Infinity;
  /** The delay before the current round. */
  #roundMs = 0;
  #isCalling = false;

  /** `saveLost` is called for a view whose stash the store no longer has. */
  constructor(adapter: StashAdapter, saveLost: (view: StashedView) => void) {
    this.#adapter = adapter;
    this.#saveLost = saveLost;
  }

  /** Keeps the view's stash alive from now on, until the view ends or is removed. */
  add(view: StashedView): void {
    if (view.end !== undefined) return;
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
      if (view.ownedStash !== undefined) members.push({ view, ownedStash: view.ownedStash });
    }
    this.#isCalling = true;
    this.#roundMs = this.#delayMs;
    const startedMs = performance.now();
    let kept = 0;
    try {
      // Bounded by the interval, since the next round must not start before this one is over.
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
      const isTickFull = (index + 1) % MEMBERS_PER_TICK === 0;
      if (isTickFull && index + 1 < members.length) await nextTick();
    }
  }

  #settle({ view, ownedStash }: Member, outcome: KeepAliveOutcome | undefined): void {
    if (view.ownedStash !== ownedStash) return;
    if (outcome === "kept") return extendToken(view, this.#roundMs);
    // Clears the fingerprint, so that the next stash() is not skipped as `unchanged`.
    view.fingerprint = undefined;
    this.remove(view);
    // With `not_owner`, an earlier view of this page may have been the first to save the lost stash
    // again. Without an earlier view, the owner is a later one.
    view.isLost = outcome === "absent" || hasPredecessor(view.owner);
    if (view.isLost) this.#saveLost(view);
  }
}

function toRequest({ view, ownedStash }: Member): KeepAliveRequest {
  return { id: ownedStash.id, owner: view.owner, expiresAtMs: deadlineMs(view) };
}

/** Reports a failure shared by thousands of views once to each `onError`. */
function reportOnce(members: readonly Member[], error: StashError): void {
  const reported = new Set<Settings>();
  for (const { view } of members) {
    if (reported.has(view.settings)) continue;
    reported.add(view.settings);
    report(view, "keep_alive", error);
  }
}
