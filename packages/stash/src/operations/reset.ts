import type { ForgetOutcome, ForgetRequest } from "../store/adapter.ts";
import { callAdapter } from "../store/bounded-call.ts";
import { beginAnew } from "../view/announce.ts";
import { StashError } from "../errors.ts";
import { stopKeepAlive } from "../background/keep-alive.ts";
import { PersistentLoad } from "./persistent-load.ts";
import { awaitsRecovery, openPresented } from "../view/presented-token.ts";
import type { ResetResult } from "../results.ts";
import {
  asStashError,
  type OpenQuestion,
  presentedBy,
  pushHold,
  report,
  type StashedView,
} from "../view/stashed-view.ts";
import { retryLater } from "../background/store-retries.ts";

/** Deletes the view's stash and has the browser hold the token of the next one. */
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
  view.unusable = undefined;
  if (view.recovery.status === "pending") {
    // The store has not said whether there is anything to delete: it is deleted when it does.
    forgetOnceAnswered(view, view.recovery.load);
  } else if (view.recovery.status === "unasked") {
    const status = await forgetPresented(view);
    if (status !== undefined) return status;
  }
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

/** Deletes what the page presented and this view has not asked for. `undefined`: there is nothing. */
async function forgetPresented(view: StashedView): Promise<ResetResult | undefined> {
  if (!awaitsRecovery(view)) return undefined;
  const opened = openPresented(view, presentedBy(view));
  if (opened.status !== "valid") return undefined;
  const load = new PersistentLoad(view, opened.contents);
  const outcome = await load.ask();
  if (outcome === undefined) {
    forgetOnceAnswered(view, load);
    beginAnew(view);
    return { status: "error", error: load.lastError ?? unanswered() };
  }
  if (outcome.status === "loaded")
    await callAdapter(view.settings, "forget", forgetRequest(view, load));
  beginAnew(view);
  return { status: outcome.status === "loaded" ? "reset" : "nothing" };
}

/** Asks in the background until the store answers, and then deletes what it has. */
function forgetOnceAnswered(view: StashedView, load: OpenQuestion): void {
  let isDone = false;
  retryLater(view, {
    isNeeded: () => !isDone,
    async run() {
      const outcome = await load.ask();
      if (outcome === undefined) return false;
      isDone = true;
      const isThere = outcome.status === "loaded";
      if (isThere) await callAdapter(view.settings, "forget", forgetRequest(view, load));
      return true;
    },
  });
}

function forgetRequest({ owner }: StashedView, load: OpenQuestion): ForgetRequest {
  return { id: load.id, owner };
}

function unanswered(): StashError {
  return new StashError("adapter_unavailable", "The store has not answered.");
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
  view.isLost = false;
  view.fingerprint = undefined;
  if (view.settings.tokenForm.carriesState) pushHold(view, null);
  beginAnew(view);
  return outcome;
}

/** Forgets what the view holds in the store. Rejects with a `StashError`. */
export async function forgetStash({ settings, owner, hold }: StashedView): Promise<ForgetOutcome> {
  if (hold === undefined) return "absent";
  return callAdapter(settings, "forget", { id: hold.id, owner });
}
