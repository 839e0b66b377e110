import type { StashId } from "../store/adapter.ts";
import { StashError } from "../errors.ts";
import type { RecoverResult } from "../results.ts";
import type { Settings } from "../options.ts";
import { report, SETTLED, type StashedView } from "../view/stashed-view.ts";

/** A state is offered to views that then crash until this is reached. */
const MAX_WEIGHT = 6;
/** What a crash counts: three in a row may still be a service of the view's own that is away. */
const CRASH_WEIGHT = 2;
/** Less where a person's event was being handled: it may be that one button that is broken. */
const EVENT_CRASH_WEIGHT = 1;
/** A view that lives this long after its recovery, in ms, has shown that it can live with the state. */
const PROVEN_AFTER_MS = 10_000;
/** Bounds the memory, about 100 bytes for each; beyond it the oldest entry makes room. */
const MAX_ENTRIES = 10_000;

/** Takes note of the end of a view that may have recovered a state. */
export function noteEndOfRecovered(view: StashedView): void {
  const { end, hold, recoveredAtMs, settings } = view;
  if (recoveredAtMs === undefined || hold === undefined) return;
  const { crashCounts } = settings;
  if (performance.now() - recoveredAtMs >= PROVEN_AFTER_MS) {
    crashCounts.delete(hold.id);
    return;
  }
  if (end?.reason !== "crashed") return;
  const weight = view.isHandlingEvent ? EVENT_CRASH_WEIGHT : CRASH_WEIGHT;
  const count = (crashCounts.get(hold.id) ?? 0) + weight;
  crashCounts.delete(hold.id);
  for (const oldest of crashCounts.keys()) {
    if (crashCounts.size < MAX_ENTRIES) break;
    crashCounts.delete(oldest);
  }
  crashCounts.set(hold.id, count);
}

/** Whether a state is no longer offered, as each view that recovered it crashed. */
export function isSetAside({ crashCounts }: Settings, id: StashId): boolean {
  return (crashCounts.get(id) ?? 0) >= MAX_WEIGHT;
}

/**
 * Goes on without a state with which views crash. The store keeps it until its deadline, and the
 * browser its token until the next `stash()`: a release that can live with it is offered it again.
 */
export function setAside(view: StashedView): RecoverResult {
  view.recovery = SETTLED;
  view.unusable = { baseline: undefined };
  const error = new StashError(
    "recovery_set_aside",
    `Cannot recover: expected a state with which the view can go on, found one with which it crashed ` +
      `again and again within ${PROVEN_AFTER_MS} ms of its recovery. The view starts without it. ` +
      "Raise `version` when the shape of the stored assigns changes, and give a migrate() or a schema.",
  );
  report(view, "recover", error);
  return { status: "error", reason: "set_aside", error };
}
