import { KeepAliveCall } from "./adapter-calls.ts";
import type { HostEndReason } from "./host.ts";
import { stopKeepAlive } from "./keep-alive.ts";
import { forgetStash } from "./reset-state.ts";
import { asStashError, report, type StashedView } from "./stashed-view.ts";

/** How and when (in ms since the epoch) a view ended. */
export interface ViewEnd {
  readonly reason: HostEndReason;
  readonly atMs: number;
}

/**
 * Settles what becomes of the stash of a view that ended: forgotten if the page left for good, else
 * it expires one TTL after the end.
 */
export async function endStashedView(view: StashedView, { reason, atMs }: ViewEnd): Promise<void> {
  stopKeepAlive(view);
  if (view.hold === undefined || view.isSuperseded) return;
  const { owner, settings } = view;
  const { id } = view.hold;
  const expiresAtMs = atMs + settings.ttlMs;
  try {
    if (reason === "left") await forgetStash(view);
    else await new KeepAliveCall(settings, [{ id, owner, expiresAtMs }]).outcome();
  } catch (thrown) {
    report(view, "end", asStashError(thrown));
  }
}
