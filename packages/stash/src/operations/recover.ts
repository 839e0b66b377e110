import type { RecoverResult } from "../results.ts";
import type { LoadOutcome } from "../store/adapter.ts";
import { isPromise } from "../store/bounded-call.ts";
import type { OpenedToken } from "../token/token.ts";
import {
  isFreshPage,
  mayRecover,
  openPresented,
  presentedToken,
  startWithoutStash,
} from "../view/browser-token.ts";
import { asStashError } from "../view/report.ts";
import { type UnansweredLoad, SETTLED, type StashedView } from "../view/stashed-view.ts";
import { isSetAside, setAside } from "./crashing-states.ts";
import { continueWithoutAnswer } from "./pending-recovery.ts";
import { PersistentLoad } from "./persistent-load.ts";
import { assignState, own, readState, reasonOf, recoveryFailed } from "./restore.ts";

const NEW: RecoverResult = { status: "new" };
const NOTHING_HELD: RecoverResult = { status: "not_found", reason: "nothing_held" };
const ABSENT: RecoverResult = { status: "not_found", reason: "absent" };
const REPLACED: RecoverResult = { status: "not_found", reason: "superseded" };
const REJECTED: RecoverResult = { status: "error", reason: "reference_rejected" };

/**
 * Recovers the state that the browser's token names: opens the token, loads the stash, makes this view its
 * owner, and assigns its state. Runs as an operation of the view.
 */
export async function recoverStashedState(view: StashedView): Promise<RecoverResult> {
  const { settings, ownedStash, recovery } = view;
  if (recovery.status === "pending") return pending(recovery.load);
  if (recovery.status === "kept_aside") {
    view.recovery = SETTLED;
    return assignState(view, recovery.state);
  }
  const isFresh = isFreshPage(view);
  // On a fresh page an expired or foreign token counts as no token.
  const missed = (result: RecoverResult): RecoverResult => (isFresh ? NEW : result);
  if (!mayRecover(view)) {
    startWithoutStash(view);
    return NEW;
  }
  if (view.isSuperseded || view.end !== undefined) return missed(ABSENT);

  const presented = presentedToken(view);
  const isOwned =
    ownedStash !== undefined && ownedStash.tokenId === settings.tokenForm.tokenIdOf(presented);
  // A stash saved since the join replaced the token of the join.
  const isReplaced = ownedStash !== undefined && !isOwned;
  if (presented === undefined || isReplaced) {
    startWithoutStash(view);
    return missed(NOTHING_HELD);
  }
  let token: OpenedToken;
  try {
    token = openPresented(view, presented);
  } catch (thrown) {
    view.recovery = SETTLED;
    return recoveryFailed(view, reasonOf(asStashError(thrown)), thrown);
  }
  if (token.status === "expired") {
    startWithoutStash(view);
    return missed(ABSENT);
  }
  if (token.status !== "valid") {
    // Another node may know the secret or have a correct clock: the browser keeps its token until a save
    // replaces it.
    view.recovery = SETTLED;
    return missed(token.status === "ahead" ? ABSENT : REJECTED);
  }
  if (isSetAside(settings, token.contents.id)) return setAside(view);

  let loaded: LoadOutcome | undefined;
  const load = new PersistentLoad(view, token.contents);
  const untilMs = performance.now() + settings.recoverWithinMs;
  try {
    const answer = load.ask(Math.min(settings.timeoutMs, settings.recoverWithinMs));
    loaded = isPromise(answer) ? await answer : answer;
    if (loaded === undefined) {
      view.recovery = { status: "pending", load, isFresh, baseline: undefined, isRendered: true };
      // A freshly loaded page does not wait to show its first render.
      loaded = isFresh ? undefined : await load.askAgain(untilMs);
    }
    if (loaded === undefined) return continueWithoutAnswer(view, load, token, isFresh);
    view.recovery = SETTLED;
    if (loaded.status === "loaded") own(view, token, loaded.adapterData);
  } catch (thrown) {
    view.recovery = SETTLED;
    return recoveryFailed(view, reasonOf(asStashError(thrown)), thrown);
  }
  if (loaded.status === "loaded") {
    const read = await readState(view, loaded.record);
    return "state" in read ? assignState(view, read.state) : read.result;
  }
  if (loaded.status === "absent" || isFresh) {
    startWithoutStash(view);
    return missed(ABSENT);
  }
  view.isSuperseded = true;
  return REPLACED;
}

function pending({ lastError }: UnansweredLoad): RecoverResult {
  return { status: "pending", ...(lastError === undefined ? {} : { error: lastError }) };
}
