import { restoreCaptured } from "../state/capture.ts";
import type { StashedView } from "../view/stashed-view.ts";

/**
 * The value that marks an event which the client sent by itself, for a form of a page that has joined again,
 * and no person. `@live-stash/browser` sets it: `same` if the form shows the values of the last render,
 * `edited` if it shows values that the server may not have received.
 */
export const RECOVERED_VALUE = "_recovered";

/**
 * Keeps the stored keys before an event of an unedited form is handled. Its handler must run, as it brings
 * back what is not stashed, but it may reset something at each change, which would undo the recovery.
 */
export function keepRecoveredKeys(
  view: StashedView,
  value: Readonly<Record<string, unknown>>,
): void {
  view.recoveredKeys = undefined;
  if (value[RECOVERED_VALUE] !== "same") return;
  const { host, recovery, settings } = view;
  if (recovery.status === "pending") {
    // No person made the changes of this event, so a late recovery may still replace them.
    recovery.isRendered = false;
  } else if (view.recoveredAtMs !== undefined) {
    try {
      view.recoveredKeys = settings.capture(host.assigns);
    } catch {
      // Since the recovery, the view itself has assigned a value that cannot be stashed.
    }
  }
}

/** Assigns the kept stored keys again, after the event was handled. */
export function putRecoveredKeysBack(view: StashedView): void {
  const kept = view.recoveredKeys;
  if (kept === undefined) return;
  view.recoveredKeys = undefined;
  view.host.assign(restoreCaptured(kept));
}
