import type { MaybePromise, SaveOutcome, StashId } from "../store/adapter.ts";
import { callAdapter, cleanUp } from "../store/bounded-call.ts";
import { type CapturedState, largestKeysOf } from "../state/capture.ts";
import { NO_ADAPTER_DATA, newStashId } from "../view/announce.ts";
import { decodeState } from "../state/state-text.ts";
import { channels, traceOperation } from "../channels.ts";
import { StashError } from "../errors.ts";
import { startKeepAlive, stopKeepAlive } from "../background/keep-alive.ts";
import { PersistentLoad } from "./persistent-load.ts";
import { hasPredecessor } from "../store/owner.ts";
import { awaitsRecovery } from "../view/presented-token.ts";
import { encodeRecord } from "../state/record.ts";
import type { TokenScope } from "../token/scope.ts";
import type { StashResult } from "../results.ts";
import {
  asStashError,
  deadlineMs,
  heldScope,
  pushHold,
  report,
  type Recovery,
  type StashedView,
  takeTurn,
  type UnsavedState,
} from "../view/stashed-view.ts";
import { type Retry, retryLater } from "../background/store-retries.ts";

/** Writes a captured state, if the store is not known to have it already. */
export async function saveState(view: StashedView, state: CapturedState): Promise<StashResult> {
  // Whatever becomes of this state, an earlier one is not to be written after it.
  view.unsaved = undefined;
  try {
    if (view.isSuperseded || isOutOfReach(view)) return { status: "superseded" };
    if (awaitsRecovery(view)) throw recoveryPending(view);
    if (state.fingerprint === view.fingerprint && (await isStillKept(view))) {
      return { status: "unchanged" };
    }
    // Before anything is written: a session without the bound value could never name the stash.
    const scope = heldScope(view);
    const unsaved = { record: toRecord(view, state), fingerprint: state.fingerprint };
    return await saveOrKeep(view, scope, unsaved);
  } catch (thrown) {
    return notSaved(view, thrown);
  }
}

/**
 * Writes a state that was captured while the view's recovery was under way: if that has settled, the
 * stored keys as they are now.
 */
export async function saveAfterRecovery(
  view: StashedView,
  { state, recovery }: { readonly state: CapturedState; readonly recovery: Recovery },
): Promise<StashResult> {
  return view.recovery === recovery ? await saveState(view, state) : await saveCurrent(view);
}

/**
 * Whether the store still has the stash, and for this view. Where stashes are kept alive, that is heard
 * from there; where they are not, the adapter is this process, and is asked: another node, or another
 * view here, may have taken the stash since.
 */
async function isStillKept(view: StashedView): Promise<boolean> {
  const { hold, owner, settings } = view;
  if (hold === undefined || settings.tokenForm.carriesState) return true;
  if (settings.adapter.capabilities.needsKeepAlive) return true;
  const request = { id: hold.id, owner, expiresAtMs: deadlineMs(view) };
  const [outcome] = await callAdapter(settings, "keepAlive", [request]);
  return outcome === "kept";
}

/** Tells of a stash that failed; the next one writes again. */
export function notSaved(view: StashedView, thrown: unknown): StashResult {
  const error = asStashError(thrown);
  const isRepeated = view.isAutoStash && view.autoStashCode === error.code;
  if (view.isAutoStash) view.autoStashCode = error.code;
  if (!isRepeated) report(view, "stash", error);
  return { status: "error", error };
}

/** Saves in the background what could not be saved before. The application knows that it was not. */
const SAVE_UNSAVED: Retry = {
  isNeeded: (view) => unsavedOf(view) !== undefined,
  async run(view) {
    const result = takeTurn(view, saveUnsaved, undefined);
    traceBackground(view, result);
    await result;
    return view.unsaved === undefined;
  },
};

/** Saves again, in the background, a connected view's stash that the store has lost. */
const SAVE_LOST: Retry = {
  isNeeded: ({ end, fingerprint, hold, isSuperseded }) =>
    end === undefined && hold !== undefined && !isSuperseded && fingerprint === undefined,
  async run(view) {
    const result = takeTurn(view, saveCurrent, undefined);
    traceBackground(view, result);
    await result;
    return view.unsaved === undefined;
  },
};

/** The store has lost the stash of a connected view: it gets it again, as the view is by then. */
export function saveLost(view: StashedView): void {
  // Once the store has answered for what the page presented, the view is saved anyway.
  if (view.recovery.status !== "pending") retryLater(view, SAVE_LOST);
}

function traceBackground({ host, settings }: StashedView, result: Promise<StashResult>): void {
  if (!channels.operation.hasSubscribers) return;
  const about = {
    operation: "stash",
    view: host.view.name,
    adapter: settings.adapter.name,
  } as const;
  traceOperation(about, result);
}

/** Saves the stored keys as they are now. To be run in the view's turn. */
export async function saveCurrent(view: StashedView): Promise<StashResult> {
  let state: CapturedState;
  try {
    state = view.settings.capture.capture(view.host.assigns);
  } catch (thrown) {
    return notSaved(view, thrown);
  }
  return await saveState(view, state);
}

/**
 * The state of a view that is still to be saved, if anybody could still ask for it: not once another
 * view owns the stash, the page has left, or the view ended so long ago, or so early that no browser
 * has a token.
 */
function unsavedOf(view: StashedView): UnsavedState | undefined {
  const { end, isSuperseded, settings, unsaved } = view;
  if (unsaved === undefined || isSuperseded) return undefined;
  if (end === undefined) return unsaved;
  const isNamed = (view.hold ?? view.announced) !== undefined && end.reason !== "left";
  // With a deadline that has passed it would be deleted, if anything.
  return isNamed && deadlineMs(view) > settings.clock.now() ? unsaved : undefined;
}

/** Writes what could not be saved before. */
export async function saveUnsaved(view: StashedView): Promise<StashResult> {
  const unsaved = unsavedOf(view);
  view.unsaved = undefined;
  if (unsaved === undefined || isOutOfReach(view)) return { status: "superseded" };
  try {
    return await saveOrKeep(view, heldScope(view), unsaved);
  } catch (thrown) {
    return { status: "error", error: asStashError(thrown) };
  }
}

/** Keeps what the store could not take, to try again; what it refused for good is not tried again. */
async function saveOrKeep(
  view: StashedView,
  scope: TokenScope,
  unsaved: UnsavedState,
): Promise<StashResult> {
  const { record, fingerprint } = unsaved;
  let id = view.hold?.id;
  let outcome: SaveOutcome | undefined;
  try {
    if (id !== undefined) {
      outcome = await save(view, id, record, false);
      if (outcome.status === "absent") {
        stopKeepAlive(view);
        view.isLost = canCreateAgain(view);
        if (view.isLost) outcome = await save(view, id, record, true);
        else loseHold(view);
      }
      if (outcome.status === "not_owner" && view.isLost) outcome = await reclaim(view, id, record);
      id = view.hold?.id;
    }
    if (id === undefined || outcome === undefined) {
      // The view has ended, so there is no connection over which to send the token of a new stash.
      if (view.announced === undefined && view.end !== undefined) return { status: "superseded" };
      id = view.announced?.id ?? newStashId();
      outcome = await save(view, id, record, true);
      if (outcome.status === "absent") throw notCreated(view);
    }
  } catch (thrown) {
    // Whether it was written is unknown, so nothing is known about what the store has.
    view.fingerprint = undefined;
    const { code } = asStashError(thrown);
    if (code === "adapter_unavailable" || code === "adapter_timeout") {
      view.unsaved = unsaved;
      // The answer that got lost may have been that the store has lost the stash.
      view.isLost ||= hasPredecessor(view.owner);
      retryLater(view, SAVE_UNSAVED);
    }
    throw thrown;
  }
  if (outcome.status === "full") throw noRoom(view);
  if (outcome.status !== "saved") {
    view.isSuperseded = true;
    stopKeepAlive(view);
    return { status: "superseded" };
  }
  if (isOutOfReach(view)) return { status: "superseded" };
  view.fingerprint = fingerprint;
  view.isLost = false;
  if (view.hold !== undefined) startKeepAlive(view, saveLost);
  holdSaved(view, scope, id, outcome.adapterData);
  return { status: "saved", bytes: record.length };
}

/** No browser can be told any more, and nobody but the browser would have it. */
function isOutOfReach({ end, settings }: StashedView): boolean {
  return end !== undefined && settings.tokenForm.carriesState;
}

function toRecord({ settings }: StashedView, state: CapturedState): Uint8Array {
  const header = { savedAtMs: settings.clock.now(), version: settings.version, form: state.form };
  const record = encodeRecord(header, settings.capture.bytesOf(state));
  const { name, capabilities } = settings.adapter;
  if (record.length <= capabilities.maxBytes) return record;
  throw new StashError(
    "state_too_large",
    `Cannot stash: expected at most ${capabilities.maxBytes} bytes for the adapter "${name}", ` +
      `found ${record.length} after compression. ${largestKeysOf(decodeState(state))} ` +
      "Store less, or configure the adapter for more.",
  );
}

function save(
  view: StashedView,
  id: StashId,
  record: Uint8Array,
  create: boolean,
): MaybePromise<SaveOutcome> {
  const { owner, settings } = view;
  const expiresAtMs = deadlineMs(view);
  const request = { id, owner, record, create, expiresAtMs };
  return callAdapter(settings, "save", request, ({ status }) => {
    // No browser will ever present the token of a stash that was created too late and has none.
    const isNamed = view.announced?.id === id || view.hold?.id === id;
    if (create && status === "saved" && !isNamed) void cleanUp(settings, "forget", { id, owner });
  });
}

function recoveryPending(view: StashedView): StashError {
  view.wasRefused = view.recovery.status === "pending";
  const why =
    view.recovery.status === "unasked"
      ? "found that recoverState() was not called. Call it when the view mounts, before stash(); or " +
        "resetStash(), to give that state up."
      : view.recovery.status === "pending"
        ? "found none yet. What is stored is kept; the state as it is then is saved when the store has answered."
        : "found it kept aside. Call recoverState() to take it or resetStash() to delete it.";
  return new StashError(
    "recovery_pending",
    "Cannot stash: expected the state that this page stashed before to be recovered first, as a " +
      `stash would take its place, ${why}`,
  );
}

function noRoom({ settings }: StashedView): StashError {
  return new StashError(
    "adapter_full",
    `Cannot stash: expected room in the store of the adapter "${settings.adapter.name}", found it ` +
      "full of stashes that it may not evict. Enlarge it or stash less.",
  );
}

function notCreated({ settings }: StashedView): StashError {
  return new StashError(
    "adapter_unavailable",
    `Cannot stash: expected the adapter "${settings.adapter.name}" to create a stash, found the ` +
      'outcome "absent". The adapter breaks its contract.',
  );
}

/**
 * Whether a stash that the store has lost (evicted, restarted) is created again under its id, so that
 * the token which the page holds stays good. A store without keep-alive is one process's own: it loses
 * nothing, and the stash may be on another node by now, where its next view owns it.
 */
function canCreateAgain({ settings }: StashedView): boolean {
  const { needsKeepAlive, browserHolds } = settings.adapter.capabilities;
  return needsKeepAlive && browserHolds === "reference";
}

/**
 * Saves a stash that another view of the page has made again after the store had lost it. A load goes
 * by the order of the page's views: the later one owns the stash, whichever was faster.
 */
async function reclaim(view: StashedView, id: StashId, record: Uint8Array): Promise<SaveOutcome> {
  const load = new PersistentLoad(view, { id, adapterData: NO_ADAPTER_DATA });
  const loaded = await load.ask();
  if (loaded === undefined) throw load.lastError ?? notCreated(view);
  if (loaded.status === "superseded") return { status: "not_owner" };
  return await save(view, id, record, loaded.status === "absent");
}

/** The stash is not here any more, so another id takes its place. */
function loseHold(view: StashedView): void {
  view.hold = undefined;
  view.fingerprint = undefined;
}

function holdSaved(
  view: StashedView,
  scope: TokenScope,
  id: StashId,
  newAdapterData: Uint8Array | undefined,
): void {
  const before = view.hold ?? view.announced;
  if (view.hold !== undefined && newAdapterData === undefined) return;
  const adapterData = newAdapterData ?? NO_ADAPTER_DATA;
  const tokenExpiresAtMs = deadlineMs(view);
  const { token, tokenId } = view.settings.tokenForm.mint(
    scope,
    { id, adapterData },
    tokenExpiresAtMs,
  );
  view.hold = { id, tokenId, tokenExpiresAtMs };
  view.announced = undefined;
  startKeepAlive(view, saveLost);
  if (tokenId !== before?.tokenId) pushHold(view, token);
}
