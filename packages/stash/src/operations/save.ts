import { channels } from "../channels.ts";
import { StashError } from "../errors.ts";
import type { StashResult } from "../results.ts";
import { type CapturedState, largestKeysOf, restoreCaptured } from "../state/capture.ts";
import { encodeRecord } from "../state/record.ts";
import type { MaybePromise, SaveOutcome, StashId } from "../store/adapter.ts";
import { callAdapter, cleanUp } from "../store/bounded-call.ts";
import { hasPredecessor } from "../store/owner.ts";
import { awaitsRecovery, newStashId, NO_ADAPTER_DATA, sendToken } from "../view/browser-token.ts";
import { deadlineMs } from "../view/deadline.ts";
import { asStashError, report, trace } from "../view/report.ts";
import {
  type Recovery,
  type Retry,
  runSerially,
  scopeOf,
  type StashedView,
  type UnsavedState,
} from "../view/stashed-view.ts";
import { PersistentLoad } from "./persistent-load.ts";

/** Saves the stored keys as they are at this moment, after the view's earlier operations. */
export function captureAndSave(view: StashedView): Promise<StashResult> {
  let state: CapturedState;
  try {
    state = view.settings.capture(view.host.assigns);
  } catch (thrown) {
    return Promise.resolve(notSaved(view, thrown));
  }
  const { recovery } = view;
  const isRecovering =
    view.isRecoveryAsked && view.lastOperation !== undefined && recovery.status !== "settled";
  return isRecovering
    ? runSerially(view, saveAfterRecovery, { state, recovery })
    : runSerially(view, saveState, state);
}

/**
 * Saves a state that was captured while the view's recovery was running. If that has settled since, the
 * captured state would replace the recovered one, so the current stored keys are saved instead.
 */
async function saveAfterRecovery(
  view: StashedView,
  { state, recovery }: { readonly state: CapturedState; readonly recovery: Recovery },
): Promise<StashResult> {
  return view.recovery === recovery ? await saveState(view, state) : await saveCurrent(view);
}

/** Saves the current stored keys. Runs as an operation of the view. */
export async function saveCurrent(view: StashedView): Promise<StashResult> {
  let state: CapturedState;
  try {
    state = view.settings.capture(view.host.assigns);
  } catch (thrown) {
    return notSaved(view, thrown);
  }
  return await saveState(view, state);
}

/** Writes a captured state, unless the store is known to have it already. */
async function saveState(view: StashedView, state: CapturedState): Promise<StashResult> {
  // Drops any older state still waiting for a retry: it must not be written after this one.
  view.unsaved = undefined;
  try {
    if (view.isSuperseded || isOutOfReach(view)) return { status: "superseded" };
    if (view.recovery.status !== "settled" && awaitsRecovery(view)) throw recoveryPending(view);
    const expiresAtMs = deadlineMs(view);
    if (state.fingerprint === view.fingerprint && (await isStillOwned(view, expiresAtMs))) {
      return { status: "unchanged" };
    }
    // Throws before anything is written: without the session's value, no token could name the stash.
    if (view.ownedStash === undefined) scopeOf(view);
    const unsaved = { record: toRecord(view, state), fingerprint: state.fingerprint };
    return await writeOrRetry(view, unsaved, expiresAtMs);
  } catch (thrown) {
    return notSaved(view, thrown);
  }
}

/**
 * Whether the store still has the stash, and this view owns it. With keep-alive, the keep-alive finds that
 * out. Without, the store is this process and can be asked: another view, here or on another node, may have
 * taken the stash over.
 */
async function isStillOwned(
  { ownedStash, owner, settings }: StashedView,
  expiresAtMs: number,
): Promise<boolean> {
  if (ownedStash === undefined || settings.tokenForm.carriesState) return true;
  if (settings.adapter.capabilities.needsKeepAlive) return true;
  const request = { id: ownedStash.id, owner, expiresAtMs };
  const [outcome] = await callAdapter(settings, "keepAlive", [request]);
  return outcome === "kept";
}

/** Whether the state can no longer be stored: the view has ended, and only its browser could have stored it. */
function isOutOfReach({ end, settings }: StashedView): boolean {
  return end !== undefined && settings.tokenForm.carriesState;
}

function toRecord({ settings }: StashedView, state: CapturedState): Uint8Array {
  const header = { savedAtMs: settings.clock.now(), version: settings.version, form: state.form };
  const record = encodeRecord(header, state.bytes);
  const { name, capabilities } = settings.adapter;
  if (record.length <= capabilities.maxBytes) return record;
  throw new StashError(
    "state_too_large",
    `Cannot stash: expected at most ${capabilities.maxBytes} bytes for the adapter "${name}", ` +
      `found ${record.length} after compression. ${largestKeysOf(restoreCaptured(state))} ` +
      "Store less, or configure the adapter for more.",
  );
}

/** Writes a record. If the store fails, keeps the record for a retry in the background. */
async function writeOrRetry(
  view: StashedView,
  unsaved: UnsavedState,
  expiresAtMs: number,
): Promise<StashResult> {
  const { record, fingerprint } = unsaved;
  let id = view.ownedStash?.id;
  let outcome: SaveOutcome | undefined;
  try {
    if (id !== undefined) {
      outcome = await save(view, id, record, false, expiresAtMs);
      if (outcome.status === "absent" || (outcome.status === "not_owner" && view.isLost)) {
        outcome = await saveLostStash(view, id, record, expiresAtMs, outcome);
      }
    }
    if (id === undefined || outcome === undefined || view.ownedStash === undefined) {
      // The view has ended, so there is no connection over which to send the token of a new stash.
      if (view.announced === undefined && view.end !== undefined) return { status: "superseded" };
      id = view.announced?.id ?? newStashId();
      outcome = await save(view, id, record, true, expiresAtMs);
      if (outcome.status === "absent") throw notCreated(view);
    }
  } catch (thrown) {
    // The record may have been written nevertheless, so it is unknown what the store has.
    view.fingerprint = undefined;
    const { code } = asStashError(thrown);
    if (code === "adapter_unavailable" || code === "adapter_timeout") {
      view.unsaved = unsaved;
      // The lost answer may have been that the store has lost the stash.
      view.isLost ||= hasPredecessor(view.owner);
      view.background.storeRetries.add(view, SAVE_UNSAVED);
    }
    throw thrown;
  }
  if (outcome.status === "full") throw noRoom(view);
  if (outcome.status !== "saved") {
    view.isSuperseded = true;
    view.background.keepAlive?.remove(view);
    return { status: "superseded" };
  }
  if (isOutOfReach(view)) return { status: "superseded" };
  view.fingerprint = fingerprint;
  view.isLost = false;
  if (view.ownedStash === undefined || outcome.adapterData !== undefined) {
    ownSaved(view, id, outcome.adapterData ?? NO_ADAPTER_DATA, expiresAtMs);
  }
  view.background.keepAlive?.add(view);
  return { status: "saved", bytes: record.length };
}

/**
 * Saves a stash again that the store has lost, under its id, or has the next save create another one.
 * `outcome` is that of the save that found it missing, or owned by another view of the page.
 */
async function saveLostStash(
  view: StashedView,
  id: StashId,
  record: Uint8Array,
  expiresAtMs: number,
  outcome: SaveOutcome,
): Promise<SaveOutcome> {
  if (outcome.status === "absent") {
    view.background.keepAlive?.remove(view);
    view.isLost = canCreateAgain(view);
    if (!view.isLost) {
      dropOwnedStash(view);
      return outcome;
    }
    const created = await save(view, id, record, true, expiresAtMs);
    if (created.status !== "not_owner") return created;
  }
  return await reclaim(view, id, record, expiresAtMs);
}

function save(
  view: StashedView,
  id: StashId,
  record: Uint8Array,
  create: boolean,
  expiresAtMs: number,
): MaybePromise<SaveOutcome> {
  const { owner, settings } = view;
  const request = { id, owner, record, create, expiresAtMs };
  return callAdapter(settings, "save", request, ({ status }) => {
    // A stash that was created after the timeout has no token in any browser, so it is deleted.
    const isNamed = view.announced?.id === id || view.ownedStash?.id === id;
    if (create && status === "saved" && !isNamed) void cleanUp(settings, "forget", { id, owner });
  });
}

/**
 * Whether a stash that the store has lost (evicted, restarted) is created again under its id, so that the
 * page's token stays valid. An adapter without keep-alive stores in this process and never loses a stash, so
 * an absent stash has moved to another node and belongs to the page's next view.
 */
function canCreateAgain({ settings }: StashedView): boolean {
  const { needsKeepAlive, browserHolds } = settings.adapter.capabilities;
  return needsKeepAlive && browserHolds === "reference";
}

/**
 * Saves a stash that another view of the page has created again after the store had lost it. Loading decides
 * ownership by the order of the views: the later view becomes the owner, even if the other one saved first.
 */
async function reclaim(
  view: StashedView,
  id: StashId,
  record: Uint8Array,
  expiresAtMs: number,
): Promise<SaveOutcome> {
  const load = new PersistentLoad(view, { id, adapterData: NO_ADAPTER_DATA });
  const loaded = await load.ask();
  if (loaded === undefined) throw load.lastError ?? notCreated(view);
  if (loaded.status === "superseded") return { status: "not_owner" };
  return await save(view, id, record, loaded.status === "absent", expiresAtMs);
}

/** The stash is no longer here, so the next save creates one under another id. */
function dropOwnedStash(view: StashedView): void {
  view.ownedStash = undefined;
  view.fingerprint = undefined;
}

/** Makes the view the owner of the stash that it saved, and sends the browser its token if that is new. */
function ownSaved(
  view: StashedView,
  id: StashId,
  adapterData: Uint8Array,
  tokenExpiresAtMs: number,
): void {
  const before = view.ownedStash ?? view.announced;
  const contents = { id, adapterData };
  const { token, tokenId } = view.settings.tokenForm.mint(
    scopeOf(view),
    contents,
    tokenExpiresAtMs,
  );
  view.ownedStash = { id, tokenId, tokenExpiresAtMs };
  view.announced = undefined;
  if (tokenId !== before?.tokenId) sendToken(view, token);
}

/** Reports a stash that failed. The next one writes again. */
function notSaved(view: StashedView, thrown: unknown): StashResult {
  const error = asStashError(thrown);
  const isRepeated = view.isAutoStash && view.autoStashCode === error.code;
  if (view.isAutoStash) view.autoStashCode = error.code;
  if (!isRepeated) report(view, "stash", error);
  return { status: "error", error };
}

/**
 * Saves in the background a state that could not be saved before. A failure is not reported again: `stash()`
 * has already returned the error.
 */
const SAVE_UNSAVED: Retry = {
  isNeeded: (view) => unsavedOf(view) !== undefined,
  run: (view) => saveInBackground(view, saveUnsaved),
};

/** Saves again, in the background, a connected view's stash that the store has lost. */
const SAVE_LOST: Retry = {
  isNeeded: ({ end, fingerprint, ownedStash, isSuperseded }) =>
    end === undefined && ownedStash !== undefined && !isSuperseded && fingerprint === undefined,
  run: (view) => saveInBackground(view, saveCurrent),
};

/** Saves a connected view's stash again, since the store has lost it. */
export function saveLost(view: StashedView): void {
  // A pending recovery saves the view anyway when it settles.
  if (view.recovery.status !== "pending") view.background.storeRetries.add(view, SAVE_LOST);
}

async function saveInBackground(
  view: StashedView,
  operate: (view: StashedView) => Promise<StashResult>,
): Promise<boolean> {
  const result = runSerially(view, operate, undefined);
  if (channels.operation.hasSubscribers) trace(view, "stash", result);
  await result;
  return view.unsaved === undefined;
}

/**
 * The state that is still to be saved, if a browser could still present its token: not if another view owns
 * the stash, the page has left, the deadline has passed, or the view ended before a browser had a token.
 */
function unsavedOf(view: StashedView): UnsavedState | undefined {
  const { end, isSuperseded, settings, unsaved } = view;
  if (unsaved === undefined || isSuperseded) return undefined;
  if (end === undefined) return unsaved;
  const isNamed = (view.ownedStash ?? view.announced) !== undefined && end.reason !== "left";
  return isNamed && deadlineMs(view) > settings.clock.now() ? unsaved : undefined;
}

/** Writes a state that could not be saved before. Runs as an operation of the view. */
export async function saveUnsaved(view: StashedView): Promise<StashResult> {
  const unsaved = unsavedOf(view);
  view.unsaved = undefined;
  if (unsaved === undefined || isOutOfReach(view)) return { status: "superseded" };
  try {
    scopeOf(view);
    return await writeOrRetry(view, unsaved, deadlineMs(view));
  } catch (thrown) {
    return { status: "error", error: asStashError(thrown) };
  }
}

function recoveryPending(view: StashedView): StashError {
  const { status } = view.recovery;
  view.wasRefused = status === "pending";
  const found =
    status === "not_started"
      ? "the recovery never started. Call recoverState() when the view mounts, before stash(), or " +
        "resetStash() to delete the earlier stash."
      : status === "pending"
        ? "the recovery still pending. The earlier stash is kept; the view's state is saved when the store " +
          "has answered."
        : "the recovered state kept aside. Call recoverState() to assign it or resetStash() to delete it.";
  return new StashError(
    "recovery_pending",
    "Cannot stash: expected the page's earlier stash to be recovered first, because a stash would " +
      `replace it; found ${found}`,
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
