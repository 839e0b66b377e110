import type { LoadOutcome } from "../store/adapter.ts";
import { isPromise } from "../store/bounded-call.ts";
import { beginAnew } from "../view/announce.ts";
import { isSetAside, setAside } from "./crashing-states.ts";
import type { OpenedToken } from "../token/token.ts";
import { goOnWithoutAnswer } from "./pending-recovery.ts";
import { PersistentLoad } from "./persistent-load.ts";
import { isFreshPage, mayRecover, openPresented } from "../view/presented-token.ts";
import { assignState, own, readState, reasonOf, recoveryFailed } from "./restore.ts";
import type { RecoverResult } from "../results.ts";
import {
  asStashError,
  type OpenQuestion,
  presentedBy,
  SETTLED,
  type StashedView,
} from "../view/stashed-view.ts";

const NEW: RecoverResult = { status: "new" };
const NOTHING_HELD: RecoverResult = { status: "not_found", reason: "nothing_held" };
const ABSENT: RecoverResult = { status: "not_found", reason: "absent" };
const REPLACED: RecoverResult = { status: "not_found", reason: "superseded" };
const REJECTED: RecoverResult = { status: "error", reason: "reference_rejected" };

/** Loads and assigns what the browser's token names, and makes this view its owner. */
export async function recoverStashedState(view: StashedView): Promise<RecoverResult> {
  const { settings, hold, recovery } = view;
  if (recovery.status === "pending") return pending(recovery.load);
  if (recovery.status === "kept_aside") {
    view.recovery = SETTLED;
    return assignState(view, recovery.state);
  }
  const isFresh = isFreshPage(view);
  // On a fresh page an expired or foreign token counts as having none.
  const missed = (result: RecoverResult): RecoverResult => (isFresh ? NEW : result);
  if (!mayRecover(view)) {
    beginAnew(view);
    return NEW;
  }
  if (view.isSuperseded || view.end !== undefined) return missed(ABSENT);
  const presented = presentedBy(view);
  const isHeld = hold !== undefined && hold.tokenId === settings.tokenForm.tokenIdOf(presented);
  // A stash made since the join took the place of the token that came with it.
  const isReplaced = hold !== undefined && !isHeld;
  if (presented === undefined || isReplaced) {
    beginAnew(view);
    return missed(NOTHING_HELD);
  }
  let opened: OpenedToken;
  try {
    opened = openPresented(view, presented);
  } catch (thrown) {
    view.recovery = SETTLED;
    return recoveryFailed(view, reasonOf(asStashError(thrown)), thrown);
  }
  if (opened.status === "expired") {
    beginAnew(view);
    return missed(ABSENT);
  }
  if (opened.status !== "valid") {
    // Another node may know the secret, or have the right time: the browser keeps what it holds until
    // something is saved in its place.
    view.recovery = SETTLED;
    return missed(opened.status === "ahead" ? ABSENT : REJECTED);
  }
  if (isSetAside(settings, opened.contents.id)) return setAside(view);
  let loaded: LoadOutcome | undefined;
  const load = new PersistentLoad(view, opened.contents);
  const untilMs = performance.now() + settings.recoverWithinMs;
  try {
    const answer = load.ask(Math.min(settings.timeoutMs, settings.recoverWithinMs));
    loaded = isPromise(answer) ? await answer : answer;
    if (loaded === undefined) {
      view.recovery = {
        status: "pending",
        load,
        isFresh,
        baseline: undefined,
        isRendered: true,
      };
      // A page that was just loaded shows its first render, which nobody should have to wait for.
      loaded = isFresh ? undefined : await load.askAgain(untilMs);
    }
    if (loaded === undefined) return goOnWithoutAnswer(view, load, opened, isFresh);
    view.recovery = SETTLED;
    if (loaded.status === "loaded") own(view, opened, loaded.adapterData);
  } catch (thrown) {
    view.recovery = SETTLED;
    return recoveryFailed(view, reasonOf(asStashError(thrown)), thrown);
  }
  if (loaded.status === "loaded") return await giveBack(view, loaded.record);
  if (loaded.status === "absent" || isFresh) {
    beginAnew(view);
    return missed(ABSENT);
  }
  view.isSuperseded = true;
  return REPLACED;
}

async function giveBack(view: StashedView, record: Uint8Array): Promise<RecoverResult> {
  const read = await readState(view, record);
  return "state" in read ? assignState(view, read.state) : read.result;
}

function pending({ lastError }: OpenQuestion): RecoverResult {
  return { status: "pending", ...(lastError === undefined ? {} : { error: lastError }) };
}
