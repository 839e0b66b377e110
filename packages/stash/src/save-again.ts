import type { StashedView, UnsavedState } from "./stashed-view.ts";
import { deadlineMs } from "./stashed-view.ts";

/**
 * The state of a view that is still to be saved, if anybody could still ask for it: not once another
 * view owns the stash, the page has left, or the view ended so long ago, or so early that no browser
 * has a token.
 */
export function unsavedOf(view: StashedView): UnsavedState | undefined {
  const { end, isSuperseded, settings, unsaved } = view;
  if (unsaved === undefined || isSuperseded) return undefined;
  if (end === undefined) return unsaved;
  const isNamed = (view.hold ?? view.announced) !== undefined && end.reason !== "left";
  // With a deadline that has passed it would be deleted, if anything.
  return isNamed && deadlineMs(view) > settings.clock.now() ? unsaved : undefined;
}
