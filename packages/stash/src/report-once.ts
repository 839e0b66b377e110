import type { StashError } from "./errors.ts";
import type { StashErrorContext } from "./options.ts";
import type { Settings } from "./settings.ts";
import { report, type StashedView } from "./stashed-view.ts";

/** Thousands of views share one failure: each `onError` hears of it once. */
export function reportOnce(
  views: Iterable<StashedView>,
  operation: StashErrorContext["operation"],
  error: StashError,
): void {
  const told = new Set<Settings>();
  for (const view of views) {
    if (told.has(view.settings)) continue;
    told.add(view.settings);
    report(view, operation, error);
  }
}
