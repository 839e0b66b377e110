import type { Settings } from "../options.ts";
import { sendTokenExpiry } from "./browser-token.ts";
import { scopeOf, type StashedView, type ViewEnd } from "./stashed-view.ts";

/**
 * The deadline to store with a view's stash. After the view has ended: one TTL after its end. While the
 * view is connected: far enough ahead to survive one missed keep-alive, or never, if the stash cannot
 * outlive the process anyway.
 */
export function deadlineMs({ settings, end }: StashedView): number {
  if (end !== undefined) return finalDeadlineMs(settings, end);
  if (!settings.adapter.capabilities.needsKeepAlive) return Infinity;
  return settings.clock.now() + settings.ttlMs + settings.keepAliveIntervalMs;
}

/** The deadline of the stash of a view that has ended: one TTL after its end, by the system's clock. */
export function finalDeadlineMs({ clock, ttlMs, monotonicNow }: Settings, end: ViewEnd): number {
  return Math.round(clock.now() + ttlMs - (monotonicNow() - end.atMs));
}

/**
 * Extends the expiry of the browser's token, if tokens expire by themselves and the token would
 * otherwise be valid for less than one TTL `withinMs` from now.
 */
export function extendToken(view: StashedView, withinMs: number): void {
  const { ownedStash, settings } = view;
  if (ownedStash === undefined || !settings.tokenForm.carriesState || view.end !== undefined)
    return;
  const leftMs = ownedStash.tokenExpiresAtMs - settings.clock.now();
  if (leftMs >= settings.ttlMs + withinMs) return;
  const tokenExpiresAtMs = deadlineMs(view);
  const expiry = settings.tokenForm.renewal(scopeOf(view), ownedStash.tokenId, tokenExpiresAtMs);
  if (expiry === undefined) return;
  view.ownedStash = { ...ownedStash, tokenExpiresAtMs };
  sendTokenExpiry(view, expiry);
}
