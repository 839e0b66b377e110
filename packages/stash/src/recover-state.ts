import type { LoadOutcome } from "./adapter.ts";
import { LoadCall } from "./adapter-calls.ts";
import { pick } from "./capture.ts";
import { decodeState } from "./codec/state-text.ts";
import type { StashError } from "./errors.ts";
import { HELD_PARAM } from "./host.ts";
import { startKeepAlive } from "./keep-alive.ts";
import { decodeRecord, type StashRecord } from "./record.ts";
import { mintReference, type Reference, verifyReference } from "./reference.ts";
import { maxCarriedBytes, referenceScope } from "./reference-scope.ts";
import { discardStash } from "./reset-state.ts";
import type { RecoverErrorReason, RecoverResult } from "./results.ts";
import { asStashError, deadlineMs, pushHold, report, type StashedView } from "./stashed-view.ts";
import { reshapeState } from "./reshape-state.ts";

/** Loads and assigns what the browser's string names, and makes this view its owner. */
export async function recoverStashedState(view: StashedView): Promise<RecoverResult> {
  const { host } = view;
  const presented = host.connectParams[HELD_PARAM];
  const holdsNothing = presented === undefined || presented === null;
  if (!isRejoin(host.connectParams)) {
    if (!holdsNothing) pushHold(view, null);
    return { status: "new" };
  }
  if (view.isSuperseded || view.end !== undefined) return { status: "not_found", reason: "absent" };
  // A stash made since the join took the place of the string that came with it.
  const isReplaced = view.hold !== undefined && view.hold.held !== presented;
  if (holdsNothing || isReplaced) return { status: "not_found", reason: "nothing_held" };
  let loaded: LoadOutcome;
  try {
    const reference = verify(view, presented);
    if (reference === undefined) {
      pushHold(view, null);
      return { status: "error", reason: "reference_rejected" };
    }
    loaded = await load(view, reference);
    if (loaded.status === "loaded") own(view, reference, presented, loaded.carried);
  } catch (thrown) {
    return failed(view, reasonOf(asStashError(thrown)), thrown);
  }
  if (loaded.status === "absent") return { status: "not_found", reason: "absent" };
  return restore(view, loaded.record);
}

/** The client counts the mounts of a page; a fresh page starts at 0, whatever it still holds. */
function isRejoin(params: Readonly<Record<string, unknown>>): boolean {
  const mounts = params["_mounts"];
  return typeof mounts === "number" && mounts > 0;
}

function verify(view: StashedView, presented: unknown): Reference | undefined {
  const scope = referenceScope(view);
  return verifyReference(view.settings.keys, scope, presented, maxCarriedBytes(view));
}

function load(view: StashedView, { id, carried }: Reference): Promise<LoadOutcome> {
  const { owner, settings } = view;
  const expiresAtMs = deadlineMs(view);
  // Abandoned, it expires as if the connection had dropped at that moment.
  const abandonedUntilMs = (): number => settings.clock.now() + settings.ttlMs;
  return new LoadCall(settings, { id, carried, owner, expiresAtMs }, abandonedUntilMs).outcome();
}

function own(
  view: StashedView,
  reference: Reference,
  presented: unknown,
  carriedNow: Uint8Array | undefined,
): void {
  const carried = carriedNow ?? reference.carried;
  // Signed with the newest key, so that older secrets can be retired.
  const held = mintReference(view.settings.keys, referenceScope(view), {
    id: reference.id,
    carried,
  });
  view.hold = { id: reference.id, carried, held };
  startKeepAlive(view);
  if (held !== presented) pushHold(view, held);
}

async function restore(view: StashedView, bytes: Uint8Array): Promise<RecoverResult> {
  const { settings, host } = view;
  let record: StashRecord;
  let state: object;
  try {
    record = decodeRecord(bytes, settings.maxStateBytes);
    state = decodeState(record);
  } catch (thrown) {
    return failed(view, "unreadable", thrown);
  }
  const reshaped = await reshapeState(settings, state, record.version);
  if (reshaped.status === "failed") return failed(view, reshaped.reason, reshaped.error);
  if (reshaped.status === "discarded") return discard(view);
  const values = pick(reshaped.state, settings.storedKeys);
  host.assign(values);
  // What the store has, not what was assigned: if they differ, the next stash() writes.
  view.fingerprint = reshaped.isMigrated ? undefined : settings.capture.fingerprintOf(record);
  return {
    status: "recovered",
    ageMs: Math.max(0, settings.clock.now() - record.savedAtMs),
    savedAtMs: record.savedAtMs,
    restored: Object.keys(values),
    ...(reshaped.isMigrated ? { migratedFrom: record.version ?? null } : {}),
  };
}

async function discard(view: StashedView): Promise<RecoverResult> {
  try {
    await discardStash(view);
  } catch (thrown) {
    report(view, "recover", asStashError(thrown));
  }
  return { status: "error", reason: "version_mismatch" };
}

function reasonOf(error: StashError): RecoverErrorReason {
  return error.code === "invalid_option" ? "reference_rejected" : "adapter_failed";
}

function failed(view: StashedView, reason: RecoverErrorReason, thrown: unknown): RecoverResult {
  const error = asStashError(thrown);
  report(view, "recover", error);
  return { status: "error", reason, error };
}
