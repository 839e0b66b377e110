import type { OpenedToken } from "../token/token.ts";
import { heldScope, presentedBy, SETTLED, type StashedView } from "./stashed-view.ts";

/** The client counts the mounts of a view's element; on a page that was just loaded there are none. */
export function isFreshPage({ host }: StashedView): boolean {
  const mounts = host.connectParams["_mounts"];
  return !(typeof mounts === "number" && mounts > 0);
}

/**
 * Whether the view is one whose state may come back: of a page that was connected before, or that was
 * reloaded and not reached by navigation, if the view wants that.
 */
export function mayRecover(view: StashedView): boolean {
  if (!isFreshPage(view)) return true;
  const { host, settings } = view;
  return settings.recoverAfterReload && host.connectParams["_live_referer"] === undefined;
}

/** Reads what the browser presented. No I/O. Throws `invalid_option` if the session binds nothing. */
export function openPresented(view: StashedView, presented: unknown): OpenedToken {
  const { settings, hold } = view;
  const isHeld = hold !== undefined && hold.tokenId === settings.tokenForm.tokenIdOf(presented);
  // The deadline of what this view owns has been moved since the browser presented it.
  const nowMs = isHeld ? undefined : settings.clock.now();
  return settings.tokenForm.open(heldScope(view), presented, nowMs);
}

/**
 * Whether the browser presented a genuine token and the store has not said what became of its stash.
 * As long as that is so nothing may take the token's place.
 */
export function awaitsRecovery(view: StashedView): boolean {
  switch (view.recovery.status) {
    case "settled":
      return false;
    case "pending":
    case "kept_aside":
      return true;
    case "unasked": {
      const isAwaited = hasGenuineToken(view);
      if (!isAwaited) view.recovery = SETTLED;
      return isAwaited;
    }
  }
}

function hasGenuineToken(view: StashedView): boolean {
  const presented = presentedBy(view);
  if (presented === undefined || !mayRecover(view)) return false;
  try {
    return openPresented(view, presented).status === "valid";
  } catch {
    // Without the value that binds it to the session nothing can be recovered, nor saved.
    return false;
  }
}
