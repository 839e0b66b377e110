import type { MaybePromise, SaveOutcome, StashId } from "./adapter.ts";
import { SaveCall } from "./adapter-calls.ts";
import { type CapturedState, largestKeysOf } from "./capture.ts";
import { decodeState } from "./codec/state-text.ts";
import { StashError } from "./errors.ts";
import { startKeepAlive, stopKeepAlive } from "./keep-alive.ts";
import { randomBytes } from "./random-bytes.ts";
import { encodeRecord } from "./record.ts";
import { type HeldScope, heldScope } from "./held/held-scope.ts";
import type { StashResult } from "./results.ts";
import { saveAgain, unsavedOf } from "./save-again.ts";
import {
  asStashError,
  deadlineMs,
  pushHold,
  report,
  type StashedView,
  type UnsavedState,
} from "./stashed-view.ts";

const ID_BYTES = 16;
const NOTHING_CARRIED = new Uint8Array(0);

/** Writes a captured state, if the store is not known to have it already. */
export async function saveState(view: StashedView, state: CapturedState): Promise<StashResult> {
  // Whatever becomes of this state, an earlier one is not to be written after it.
  view.unsaved = undefined;
  try {
    if (view.isSuperseded || isOutOfReach(view)) return { status: "superseded" };
    if (state.fingerprint === view.fingerprint) return { status: "unchanged" };
    // Before anything is written: a session without the bound value could never name the stash.
    const scope = heldScope(view);
    const unsaved = { record: toRecord(view, state), fingerprint: state.fingerprint };
    return await saveOrKeep(view, scope, unsaved);
  } catch (thrown) {
    return notSaved(view, thrown);
  }
}

/** Tells of a stash that failed; the next one writes again. */
export function notSaved(view: StashedView, thrown: unknown): StashResult {
  const error = asStashError(thrown);
  report(view, "stash", error);
  return { status: "error", error };
}

/** Writes what could not be saved before. The application has been told that it was not. */
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
  scope: HeldScope,
  unsaved: UnsavedState,
): Promise<StashResult> {
  const { record, fingerprint } = unsaved;
  let id = view.hold?.id;
  let outcome: SaveOutcome | undefined;
  try {
    if (id !== undefined) {
      outcome = await save(view, id, record, false);
      if (outcome.status === "absent") loseHold(view);
      id = view.hold?.id;
    }
    if (id === undefined || outcome === undefined) {
      // No browser could be told of a stash that begins now.
      if (view.end !== undefined) return { status: "superseded" };
      id = randomBytes(ID_BYTES).toString("base64url");
      outcome = await save(view, id, record, true);
      if (outcome.status === "absent") throw notCreated(view);
    }
  } catch (thrown) {
    // Whether it was written is unknown, so nothing is known about what the store has.
    view.fingerprint = undefined;
    const { code } = asStashError(thrown);
    if (code === "adapter_unavailable" || code === "adapter_timeout") {
      view.unsaved = unsaved;
      saveAgain(view, saveUnsaved);
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
  holdSaved(view, scope, id, outcome.carried);
  return { status: "saved", bytes: record.length };
}

/** No browser can be told any more, and nobody but the browser would have it. */
function isOutOfReach({ end, settings }: StashedView): boolean {
  return end !== undefined && settings.heldForm.holdsState;
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
  return new SaveCall(settings, { id, owner, record, create, expiresAtMs }).outcome();
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

/** The store lost the stash (expired, evicted, restarted), so another id takes its place. */
function loseHold(view: StashedView): void {
  stopKeepAlive(view);
  view.hold = undefined;
  view.fingerprint = undefined;
}

function holdSaved(
  view: StashedView,
  scope: HeldScope,
  id: StashId,
  carriedNow: Uint8Array | undefined,
): void {
  const before = view.hold;
  if (before !== undefined && carriedNow === undefined) return;
  const carried = carriedNow ?? NOTHING_CARRIED;
  const leaseUntilMs = deadlineMs(view);
  const { held, mark } = view.settings.heldForm.mint(scope, { id, carried }, leaseUntilMs);
  view.hold = { id, mark, leaseUntilMs };
  startKeepAlive(view);
  if (mark !== before?.mark) pushHold(view, held);
}
