import { StashError } from "../errors.ts";
import type { ResetResult } from "../results.ts";
import type { ForgetOutcome, ForgetRequest } from "../store/adapter.ts";
import { callAdapter } from "../store/bounded-call.ts";
import {
  awaitsRecovery,
  openPresented,
  presentedToken,
  sendToken,
  startWithoutStash,
} from "../view/browser-token.ts";
import { asStashError, report } from "../view/report.ts";
import type { UnansweredLoad, StashedView } from "../view/stashed-view.ts";
import { PersistentLoad } from "./persistent-load.ts";

/**
 * Deletes the view's stash and sends the browser the token of the next one. Runs as an operation of the view.
 */
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
  // A save of the unsaved state may still reach the store.
  const hadUnsaved = view.unsaved !== undefined;
  view.unsaved = undefined;
  view.wasRefused = false;
  if (view.isSuperseded) return { status: "superseded" };
  view.unusable = undefined;
  if (view.recovery.status === "pending") {
    // The store has not said whether there is a stash: it is deleted when the store answers.
    forgetOnceAnswered(view, view.recovery.load);
  } else if (view.recovery.status === "not_started") {
    const status = await forgetPresented(view);
    if (status !== undefined) return status;
  }
  if (view.ownedStash === undefined) {
    // That save would create the announced stash, so the next stash gets another id.
    if (hadUnsaved) view.announced = undefined;
    startWithoutStash(view);
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

/** Deletes the stash of a presented token that this view has not recovered. `undefined`: there is none. */
async function forgetPresented(view: StashedView): Promise<ResetResult | undefined> {
  if (!awaitsRecovery(view)) return undefined;
  const token = openPresented(view, presentedToken(view));
  if (token.status !== "valid") return undefined;
  const load = new PersistentLoad(view, token.contents);
  const outcome = await load.ask();
  if (outcome === undefined) {
    forgetOnceAnswered(view, load);
    startWithoutStash(view);
    return { status: "error", error: load.lastError ?? unanswered() };
  }
  const isThere = outcome.status === "loaded";
  if (isThere) await callAdapter(view.settings, "forget", forgetRequest(view, load));
  startWithoutStash(view);
  return { status: isThere ? "reset" : "nothing" };
}

/** Retries a load in the background until the store answers, and then deletes the stash. */
function forgetOnceAnswered(view: StashedView, load: UnansweredLoad): void {
  let isDone = false;
  view.background.storeRetries.add(view, {
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

function forgetRequest({ owner }: StashedView, load: UnansweredLoad): ForgetRequest {
  return { id: load.id, owner };
}

function unanswered(): StashError {
  return new StashError("adapter_unavailable", "The store has not answered.");
}

/** Deletes the view's stash, in the store and in the browser. Rejects with a `StashError`. */
export async function discardStash(view: StashedView): Promise<ForgetOutcome> {
  const outcome = await forgetStash(view);
  view.background.keepAlive?.remove(view);
  if (outcome === "not_owner") {
    view.isSuperseded = true;
    return outcome;
  }
  view.ownedStash = undefined;
  view.isLost = false;
  view.fingerprint = undefined;
  if (view.settings.tokenForm.carriesState) sendToken(view, null);
  startWithoutStash(view);
  return outcome;
}

/** Deletes the view's stash in the store. Rejects with a `StashError`. */
export async function forgetStash(view: StashedView): Promise<ForgetOutcome> {
  const { settings, owner, ownedStash } = view;
  if (ownedStash === undefined) return "absent";
  return callAdapter(settings, "forget", { id: ownedStash.id, owner });
}
