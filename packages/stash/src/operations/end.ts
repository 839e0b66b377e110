import type { KeepAliveRequest } from "../store/adapter.ts";
import { callAdapter } from "../store/bounded-call.ts";
import { deadlineMs } from "../view/deadline.ts";
import { asStashError, report } from "../view/report.ts";
import type { StashedView } from "../view/stashed-view.ts";
import { forgetStash } from "./reset.ts";
import { saveUnsaved } from "./save.ts";

/** The result of ending a view. */
export interface ViewEnding {
  /**
   * Resolves when the store has the final deadline, where that takes time. The view's next operation does
   * not wait for it: a save by a handler that outlives the connection stores the same deadline.
   */
  readonly deadlineSent?: Promise<void>;
}

const DONE: ViewEnding = {};

/**
 * Settles the stash of a view that has ended: deletes it if the page left for good, else has it expire one
 * TTL after the end. Runs as an operation of the view.
 */
export async function endStashedView(view: StashedView): Promise<ViewEnding> {
  view.background.keepAlive?.remove(view);
  const hasLeft = view.end?.reason === "left";
  // After the view has ended, its browser can be sent no token of a stash that it does not know.
  const isNamed = (view.ownedStash ?? view.announced) !== undefined;
  if (!isNamed || hasLeft) view.unsaved = undefined;
  if (view.ownedStash === undefined || view.isSuperseded) return DONE;
  try {
    if (hasLeft) await forgetStash(view);
    else if (!(await isSaved(view)) && view.ownedStash !== undefined) {
      return await expire(view, view.ownedStash.id);
    }
  } catch (thrown) {
    report(view, "end", asStashError(thrown));
  }
  return DONE;
}

async function expire(view: StashedView, id: string): Promise<ViewEnding> {
  const { owner, settings } = view;
  // Only the browser has the state, and its token's expiry cannot be changed any more.
  if (settings.tokenForm.carriesState) return DONE;
  const request: KeepAliveRequest = { id, owner, expiresAtMs: deadlineMs(view), isFinal: true };
  if (settings.adapter.capabilities.needsKeepAlive) {
    return { deadlineSent: view.background.finalDeadlines.add(view, request) };
  }
  await callAdapter(settings, "keepAlive", [request]);
  return DONE;
}

/** Whether an unsaved state has been saved, or will be by a retry, with the final deadline. */
async function isSaved(view: StashedView): Promise<boolean> {
  if (view.unsaved === undefined) return false;
  const { status } = await saveUnsaved(view);
  return status === "saved" || view.unsaved !== undefined;
}
