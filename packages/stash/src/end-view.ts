import { KeepAliveCall } from "./adapter-calls.ts";
import { setFinalDeadline } from "./gathered-ends.ts";
import { stopKeepAlive } from "./keep-alive.ts";
import { forgetStash } from "./reset-state.ts";
import { saveUnsaved } from "./save-state.ts";
import { asStashError, deadlineMs, report, type StashedView } from "./stashed-view.ts";

/**
 * Settles what becomes of the stash of a view that ended: forgotten if the page left for good, else
 * it expires one TTL after the end.
 */
export async function endStashedView(view: StashedView): Promise<void> {
  stopKeepAlive(view);
  // What has no name yet can be given none any more.
  if (view.hold === undefined || view.end?.reason === "left") view.unsaved = undefined;
  if (view.hold === undefined || view.isSuperseded) return;
  const { owner, settings } = view;
  const { id } = view.hold;
  const request = { id, owner, expiresAtMs: deadlineMs(view) };
  try {
    if (view.end?.reason === "left") await forgetStash(view);
    else if (await isSaved(view)) return;
    else if (settings.heldForm.holdsState) return;
    else if (settings.adapter.capabilities.needsKeepAlive) await setFinalDeadline(view, request);
    else await new KeepAliveCall(settings, [request]).outcome();
  } catch (thrown) {
    report(view, "end", asStashError(thrown));
  }
}

/** Whether what was unsaved has been saved, or will be, with the deadline that comes of the end. */
async function isSaved(view: StashedView): Promise<boolean> {
  if (view.unsaved === undefined) return false;
  const { status } = await saveUnsaved(view);
  return status === "saved" || view.unsaved !== undefined;
}
