import type { ForgetOutcome } from "./adapter.ts";
import { ForgetCall } from "./adapter-calls.ts";
import { beginAnew } from "./announce.ts";
import { stopKeepAlive } from "./keep-alive.ts";
import type { ResetResult } from "./results.ts";
import { asStashError, pushHold, report, type StashedView } from "./stashed-view.ts";

/** Deletes the view's stash and has the browser drop its string. */
export async function resetStashedState(view: StashedView): Promise<ResetResult> {
  try {
    return await reset(view);
  } catch (thrown) {
    const error = asStashError(thrown);
    report(view, "reset", error);
    return { status: "error", error };
  }
}

async function reset(view: StashedView): Promise<ResetResult> {
  // A save of it may be on its way still.
  const hadUnsaved = view.unsaved !== undefined;
  view.unsaved = undefined;
  view.wasRefused = false;
  if (view.isSuperseded) return { status: "superseded" };
  // The store may still answer: what it then hands over lives out one TTL, and no browser has its token.
  if (view.recovery.status === "pending") view.recovery.load.abandon();
  if (view.hold === undefined) {
    // That save would create what was announced: another stash takes its place.
    if (hadUnsaved) view.announced = undefined;
    beginAnew(view);
    return { status: "nothing" };
  }
  switch (await discardStash(view)) {
    case "forgotten":
      return { status: "reset" };
    case "absent":
      return { status: "nothing" };
    case "not_owner":
      return { status: "superseded" };
  }
}

/** Forgets what the view holds, in the store and in the browser. Rejects with a `StashError`. */
export async function discardStash(view: StashedView): Promise<ForgetOutcome> {
  const outcome = await forgetStash(view);
  if (outcome === "not_owner") {
    view.isSuperseded = true;
    stopKeepAlive(view);
    return outcome;
  }
  stopKeepAlive(view);
  view.hold = undefined;
  view.fingerprint = undefined;
  if (view.settings.heldForm.holdsState) pushHold(view, null);
  beginAnew(view);
  return outcome;
}

/** Forgets what the view holds in the store. Rejects with a `StashError`. */
export async function forgetStash({ settings, owner, hold }: StashedView): Promise<ForgetOutcome> {
  if (hold === undefined) return "absent";
  return new ForgetCall(settings, { id: hold.id, owner }).outcome();
}
