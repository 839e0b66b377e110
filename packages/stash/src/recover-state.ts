import type { LoadOutcome, MaybePromise } from "./adapter.ts";
import { LoadCall } from "./adapter-calls.ts";
import { fingerprintOf, pick } from "./capture.ts";
import { decodeState } from "./codec/state-text.ts";
import type { StashError } from "./errors.ts";
import type { OpenedEnvelope, Reference } from "./held/envelope.ts";
import { type HeldScope, heldScope } from "./held/held-scope.ts";
import { startKeepAlive } from "./keep-alive.ts";
import { decodeRecord, type StashRecord } from "./record.ts";
import { discardStash } from "./reset-state.ts";
import type { RecoverErrorReason, RecoverResult } from "./results.ts";
import {
  asStashError,
  deadlineMs,
  presentedBy,
  pushHold,
  pushRenewal,
  report,
  type StashedView,
} from "./stashed-view.ts";
import { reshapeState } from "./reshape-state.ts";

const NEW: RecoverResult = { status: "new" };
const NOTHING_HELD: RecoverResult = { status: "not_found", reason: "nothing_held" };
const ABSENT: RecoverResult = { status: "not_found", reason: "absent" };
const REPLACED: RecoverResult = { status: "not_found", reason: "superseded" };
const REJECTED: RecoverResult = { status: "error", reason: "reference_rejected" };

/** Loads and assigns what the browser's string names, and makes this view its owner. */
export async function recoverStashedState(view: StashedView): Promise<RecoverResult> {
  const { host, settings, hold } = view;
  const isFresh = !isRejoin(host.connectParams);
  // What is over, or never was this view's, leaves a fresh page as it would be without it.
  const missed = (result: RecoverResult): RecoverResult => (isFresh ? NEW : result);
  if (isFresh && !mayOutliveItsPage(view)) {
    dropPresented(view);
    return NEW;
  }
  if (view.isSuperseded || view.end !== undefined) return missed(ABSENT);
  const presented = presentedBy(view);
  const isHeld = hold !== undefined && hold.mark === settings.heldForm.markOf(presented);
  // A stash made since the join took the place of the string that came with it.
  const isReplaced = hold !== undefined && !isHeld;
  if (presented === undefined || isReplaced) return missed(NOTHING_HELD);
  let loaded: LoadOutcome;
  try {
    const scope = heldScope(view);
    // What this view holds already has had its deadline moved since it came.
    const nowMs = isHeld ? undefined : settings.clock.now();
    const opened = settings.heldForm.open(scope, presented, nowMs);
    if (opened.status !== "valid") {
      dropPresented(view);
      return missed(opened.status === "expired" ? ABSENT : REJECTED);
    }
    loaded = await load(view, opened.reference);
    if (loaded.status === "loaded") own(view, scope, opened, loaded.carried);
  } catch (thrown) {
    return failed(view, reasonOf(asStashError(thrown)), thrown);
  }
  if (loaded.status === "loaded") return await restore(view, loaded.record);
  if (isFresh) dropPresented(view);
  if (loaded.status === "absent" || isFresh) return missed(ABSENT);
  view.isSuperseded = true;
  return REPLACED;
}

/** Has the browser drop what it presented, unless this view has put something in its place. */
function dropPresented(view: StashedView): void {
  if (presentedBy(view) !== undefined && view.hold === undefined) pushHold(view, null);
}

/** Whether the view wants the state of a page that was reloaded, and is not come to by navigation. */
function mayOutliveItsPage({ host, settings }: StashedView): boolean {
  return settings.recoverAfterReload && host.connectParams["_live_referer"] === undefined;
}

/** The client counts the mounts of a view's element; on a page that was just loaded there are none. */
function isRejoin(params: Readonly<Record<string, unknown>>): boolean {
  const mounts = params["_mounts"];
  return typeof mounts === "number" && mounts > 0;
}

function load(view: StashedView, { id, carried }: Reference): MaybePromise<LoadOutcome> {
  const { owner, settings } = view;
  const expiresAtMs = deadlineMs(view);
  // Abandoned, it expires as if the connection had dropped at that moment.
  const abandonedUntilMs = (): number => settings.clock.now() + settings.ttlMs;
  return new LoadCall(settings, { id, carried, owner, expiresAtMs }, abandonedUntilMs).outcome();
}

function own(
  view: StashedView,
  scope: HeldScope,
  { reference, mark, isNewest }: OpenedEnvelope & { readonly mark: string },
  carriedNow: Uint8Array | undefined,
): void {
  const { heldForm } = view.settings;
  const leaseUntilMs = deadlineMs(view);
  const { id, carried } = reference;
  if (isNewest && carriedNow === undefined) {
    view.hold = { id, mark, leaseUntilMs };
    const renewal = heldForm.renewal(scope, mark, leaseUntilMs);
    if (renewal !== undefined) pushRenewal(view, renewal);
  } else {
    // Made anew with the newest key, so that older secrets can be retired.
    const minted = heldForm.mint(scope, { id, carried: carriedNow ?? carried }, leaseUntilMs);
    view.hold = { id, mark: minted.mark, leaseUntilMs };
    if (minted.mark !== mark) pushHold(view, minted.held);
  }
  startKeepAlive(view);
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
  view.fingerprint = reshaped.isMigrated ? undefined : fingerprintOf(record.text);
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
