import { fingerprintOf, pick } from "../state/capture.ts";
import { decodeState } from "../state/state-text.ts";
import type { StashError } from "../errors.ts";
import type { TokenScope } from "../token/scope.ts";
import type { ValidToken } from "../token/token.ts";
import { startKeepAlive } from "../background/keep-alive.ts";
import { decodeRecord, type StashRecord } from "../state/record.ts";
import { discardStash } from "./reset.ts";
import { reshapeState } from "./migrate.ts";
import type { RecoverErrorReason, RecoverResult } from "../results.ts";
import { saveLost } from "./save.ts";
import {
  asStashError,
  deadlineMs,
  heldScope,
  pushHold,
  pushRenewal,
  type RecoveredState,
  report,
  type StashedView,
} from "../view/stashed-view.ts";

/** Makes this view the owner of the stash that it has loaded, and has the browser hold its token. */
export function own(
  view: StashedView,
  { contents, tokenId, usesNewestSecret }: ValidToken,
  newAdapterData: Uint8Array | undefined,
): void {
  const { tokenForm } = view.settings;
  const scope: TokenScope = heldScope(view);
  const tokenExpiresAtMs = deadlineMs(view);
  const { id, adapterData } = contents;
  if (usesNewestSecret && newAdapterData === undefined) {
    view.hold = { id, tokenId, tokenExpiresAtMs };
    const renewal = tokenForm.renewal(scope, tokenId, tokenExpiresAtMs);
    if (renewal !== undefined) pushRenewal(view, renewal);
  } else {
    // Made anew with the newest key, so that older secrets can be retired.
    const minted = tokenForm.mint(
      scope,
      { id, adapterData: newAdapterData ?? adapterData },
      tokenExpiresAtMs,
    );
    view.hold = { id, tokenId: minted.tokenId, tokenExpiresAtMs };
    if (minted.tokenId !== tokenId) pushHold(view, minted.token);
  }
  startKeepAlive(view, saveLost);
}

type Recovered = Extract<RecoverResult, { readonly status: "recovered" }>;
type Failed = Extract<RecoverResult, { readonly status: "error" }>;

/** A state to give back, or the result that says why there is none. */
export type ReadOutcome = { readonly state: RecoveredState } | { readonly result: Failed };

/** Reads a record and brings its state into the shape of today; other versions may be discarded. */
export async function readState(view: StashedView, bytes: Uint8Array): Promise<ReadOutcome> {
  const { settings } = view;
  let record: StashRecord;
  let stored: object;
  try {
    record = decodeRecord(bytes, settings.maxStateBytes);
    stored = decodeState(record);
  } catch (thrown) {
    return { result: recoveryFailed(view, "unreadable", thrown) };
  }
  const reshaped = await reshapeState(settings, stored, record.version);
  if (reshaped.status === "failed") {
    return { result: recoveryFailed(view, reshaped.reason, reshaped.error) };
  }
  if (reshaped.status === "discarded") return { result: await discard(view) };
  const { isMigrated } = reshaped;
  try {
    return {
      state: {
        values: { ...pick(reshaped.state, settings.storedKeys) },
        savedAtMs: record.savedAtMs,
        fingerprint: isMigrated ? undefined : fingerprintOf(record.text),
        ...(isMigrated ? { migratedFrom: record.version ?? null } : {}),
      },
    };
  } catch (thrown) {
    // A getter of what the schema or migrate() gave.
    return { result: recoveryFailed(view, "schema_rejected", thrown) };
  }
}

/** Gives a state back to the view. */
export function assignState(view: StashedView, state: RecoveredState): Recovered {
  const { host, settings } = view;
  host.assign(state.values);
  // What the store has, not what was assigned: if they differ, the next stash() writes.
  view.fingerprint = view.isLost ? undefined : state.fingerprint;
  // What could not be saved before is not what the view shows now.
  view.unsaved = undefined;
  view.recoveredAtMs = performance.now();
  return {
    status: "recovered",
    ageMs: Math.max(0, settings.clock.now() - state.savedAtMs),
    savedAtMs: state.savedAtMs,
    restored: Object.keys(state.values),
    ...(state.migratedFrom === undefined ? {} : { migratedFrom: state.migratedFrom }),
  };
}

/** Reports why a state could not be given back. */
export function recoveryFailed(
  view: StashedView,
  reason: RecoverErrorReason,
  thrown: unknown,
): Failed {
  const error = asStashError(thrown);
  report(view, "recover", error);
  view.unusable = { baseline: undefined };
  return { status: "error", reason, error };
}

async function discard(view: StashedView): Promise<Failed> {
  try {
    await discardStash(view);
  } catch (thrown) {
    report(view, "recover", asStashError(thrown));
  }
  return { status: "error", reason: "version_mismatch" };
}

/** An option of the session that is missing makes a token unusable; all else is the adapter's. */
export function reasonOf(error: StashError): RecoverErrorReason {
  return error.code === "invalid_option" ? "reference_rejected" : "adapter_failed";
}
