import type { KeepAliveRequest } from "../store/adapter.ts";
import { callAdapter } from "../store/bounded-call.ts";
import { setFinalDeadline } from "../background/final-deadlines.ts";
import { stopKeepAlive } from "../background/keep-alive.ts";
import { forgetStash } from "./reset.ts";
import { saveUnsaved } from "./save.ts";
import { asStashError, deadlineMs, report, type StashedView } from "../view/stashed-view.ts";

/** What a view's end comes to. */
export interface ViewEnding {
  /**
   * Resolves when the store knows the deadline, where that takes time. The view's next operation does
   * not wait for it: a save of a handler that outlives the connection says the same deadline.
   */
  readonly told?: Promise<void>;
}

const SETTLED: ViewEnding = {};

/**
 * Settles what becomes of the stash of a view that ended: forgotten if the page left for good, else
 * it expires one TTL after the end.
 */
export async function endStashedView(view: StashedView): Promise<ViewEnding> {
  stopKeepAlive(view);
  const hasLeft = view.end?.reason === "left";
  // A stash whose token no browser has cannot be announced after the view has ended.
  const isNamed = (view.hold ?? view.announced) !== undefined;
  if (!isNamed || hasLeft) view.unsaved = undefined;
  if (view.hold === undefined || view.isSuperseded) return SETTLED;
  try {
    if (hasLeft) await forgetStash(view);
    else if (!(await isSaved(view)) && view.hold !== undefined) {
      return await expire(view, view.hold.id);
    }
  } catch (thrown) {
    report(view, "end", asStashError(thrown));
  }
  return SETTLED;
}

async function expire(view: StashedView, id: string): Promise<ViewEnding> {
  const { owner, settings } = view;
  // Only the browser has it, with a deadline that nobody can change any more.
  if (settings.tokenForm.carriesState) return SETTLED;
  const request: KeepAliveRequest = { id, owner, expiresAtMs: deadlineMs(view), isFinal: true };
  if (settings.adapter.capabilities.needsKeepAlive) {
    return { told: setFinalDeadline(view, request) };
  }
  await callAdapter(settings, "keepAlive", [request]);
  return SETTLED;
}

/** Whether what was unsaved has been saved, or will be, with the deadline that comes of the end. */
async function isSaved(view: StashedView): Promise<boolean> {
  if (view.unsaved === undefined) return false;
  const { status } = await saveUnsaved(view);
  return status === "saved" || view.unsaved !== undefined;
}
