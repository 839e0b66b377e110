import { decodeState } from "../state/state-text.ts";
import type { StashedView } from "../view/stashed-view.ts";

/**
 * The value by which an event that the client sends by itself, for a form of a page that has joined
 * again, can be told from one of a person. `@live-stash/browser` sets it: `same` if the form shows what
 * the server rendered, `edited` if it shows something that the server may not have seen.
 */
export const RECOVERED_VALUE = "_recovered";

/**
 * Before an event is handled. One of a form that shows what the server rendered would undo the
 * recovery where its handler resets something at each change. It is handled nevertheless, as it brings
 * back what is not stashed; the stored keys as they are now are kept, to be put back afterwards.
 */
export function keepRecoveredKeys(
  view: StashedView,
  value: Readonly<Record<string, unknown>>,
): void {
  view.recoveredKeys = undefined;
  if (value[RECOVERED_VALUE] !== "same") return;
  const { host, recovery, settings } = view;
  if (recovery.status === "pending") {
    // Its changes are not a person's: a late recovery may still take their place.
    recovery.isRendered = false;
  } else if (view.recoveredAtMs !== undefined) {
    try {
      view.recoveredKeys = settings.capture.capture(host.assigns);
    } catch {
      // What cannot be stashed was assigned since the recovery, by the view itself.
    }
  }
}

/** After such an event was handled: puts the stored keys back. */
export function putRecoveredKeysBack(view: StashedView): void {
  const kept = view.recoveredKeys;
  if (kept === undefined) return;
  view.recoveredKeys = undefined;
  view.host.assign(decodeState(kept));
}
