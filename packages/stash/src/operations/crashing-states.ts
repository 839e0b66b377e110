import type { StashId } from "../store/adapter.ts";
import { StashError } from "../errors.ts";
import type { Settings } from "../options.ts";
import type { RecoverResult } from "../results.ts";
import { report } from "../view/report.ts";
import { SETTLED, type StashedView } from "../view/stashed-view.ts";

/** A state is set aside when its crashes weigh this much. */
const MAX_WEIGHT = 6;
/** Three crashes in a row are tolerated up to the limit: a service that the view needs may be down. */
const CRASH_WEIGHT = 2;
/** Less for a crash while a person's event was handled: only that one button may be broken. */
const EVENT_CRASH_WEIGHT = 1;
/** A view that lives this long after its recovery, in ms, does not crash because of the state. */
const PROVEN_AFTER_MS = 10_000;
/** Bounds the memory, about 100 bytes per entry; beyond it, the oldest entry is removed. */
const MAX_ENTRIES = 10_000;

/** Counts a crash of a view that has recovered a state, or clears the count if the view lived long enough. */
export function countCrash(view: StashedView): void {
  const { end, ownedStash, recoveredAtMs, settings } = view;
  if (recoveredAtMs === undefined || ownedStash === undefined) return;
  const { crashCounts } = settings;
  if (performance.now() - recoveredAtMs >= PROVEN_AFTER_MS) {
    crashCounts.delete(ownedStash.id);
    return;
  }
  if (end?.reason !== "crashed") return;
  const weight = view.isHandlingEvent ? EVENT_CRASH_WEIGHT : CRASH_WEIGHT;
  const count = (crashCounts.get(ownedStash.id) ?? 0) + weight;
  crashCounts.delete(ownedStash.id);
  for (const oldest of crashCounts.keys()) {
    if (crashCounts.size < MAX_ENTRIES) break;
    crashCounts.delete(oldest);
  }
  crashCounts.set(ownedStash.id, count);
}

/** Whether a state is no longer recovered, because the views that recovered it crashed. */
export function isSetAside({ crashCounts }: Settings, id: StashId): boolean {
  return (crashCounts.get(id) ?? 0) >= MAX_WEIGHT;
}

/**
 * Starts the view without a state with which views crash. The store keeps the state until its deadline, and
 * the browser its token until the next `stash()`: a corrected release can still recover the state.
 */
export function setAside(view: StashedView): RecoverResult {
  view.recovery = SETTLED;
  view.unusable = { baseline: undefined };
  const error = new StashError(
    "recovery_set_aside",
    `Cannot recover: expected a state with which the view can run, found one with which it crashed ` +
      `repeatedly within ${PROVEN_AFTER_MS} ms of its recovery. The view starts without it. ` +
      "Raise `version` when the shape of the stored assigns changes, and provide migrate() or a schema.",
  );
  report(view, "recover", error);
  return { status: "error", reason: "set_aside", error };
}
