import { deadlineMs, heldScope, pushRenewal, type StashedView } from "./stashed-view.ts";

/**
 * Moves the deadline of what the browser holds, where the string itself says it, and would be less
 * than one TTL away `withinMs` from now.
 */
export function renewLease(view: StashedView, withinMs: number): void {
  const { hold, settings } = view;
  if (hold === undefined || !settings.tokenForm.carriesState || view.end !== undefined) return;
  if (hold.tokenExpiresAtMs - settings.ttlMs >= settings.clock.now() + withinMs) return;
  const tokenExpiresAtMs = deadlineMs(view);
  const renewal = settings.tokenForm.renewal(heldScope(view), hold.tokenId, tokenExpiresAtMs);
  if (renewal === undefined) return;
  view.hold = { ...hold, tokenExpiresAtMs };
  pushRenewal(view, renewal);
}
