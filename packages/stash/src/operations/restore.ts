import type { StashError } from "../errors.ts";
import type { RecoverErrorReason, RecoverResult } from "../results.ts";
import { fingerprintOf } from "../state/capture.ts";
import { decodeRecord, type StashRecord } from "../state/record.ts";
import { decodeState, pick } from "../state/state-text.ts";
import type { ValidToken } from "../token/token.ts";
import { sendToken, sendTokenExpiry } from "../view/browser-token.ts";
import { deadlineMs } from "../view/deadline.ts";
import { asStashError, report } from "../view/report.ts";
import { type RecoveredState, scopeOf, type StashedView } from "../view/stashed-view.ts";
import { migrateState, type MigratedState } from "./migrate.ts";
import { discardStash } from "./reset.ts";

/** Makes this view the owner of the stash that it has loaded, and sends the browser its new token or expiry. */
export function own(
  view: StashedView,
  { contents, tokenId, usesNewestSecret }: ValidToken,
  newAdapterData: Uint8Array | undefined,
): void {
  const { tokenForm } = view.settings;
  const scope = scopeOf(view);
  const tokenExpiresAtMs = deadlineMs(view);
  const { id, adapterData } = contents;
  if (usesNewestSecret && newAdapterData === undefined) {
    view.ownedStash = { id, tokenId, tokenExpiresAtMs };
    const expiry = tokenForm.renewal(scope, tokenId, tokenExpiresAtMs);
    if (expiry !== undefined) sendTokenExpiry(view, expiry);
  } else {
    // Written with the newest secret, so that older ones can be retired.
    const newContents = { id, adapterData: newAdapterData ?? adapterData };
    const minted = tokenForm.mint(scope, newContents, tokenExpiresAtMs);
    view.ownedStash = { id, tokenId: minted.tokenId, tokenExpiresAtMs };
    if (minted.tokenId !== tokenId) sendToken(view, minted.token);
  }
  view.background.keepAlive?.add(view);
}

type Recovered = Extract<RecoverResult, { readonly status: "recovered" }>;
type Failed = Extract<RecoverResult, { readonly status: "error" }>;

/** The state of a record, or the result that says why there is none. */
export type ReadOutcome = { readonly state: RecoveredState } | { readonly result: Failed };

/** Reads a record, and migrates and checks its state. A state of another version may be deleted. */
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
  const isCurrent = record.version === settings.version && settings.schema === undefined;
  const migrated: MigratedState = isCurrent
    ? { status: "usable", state: stored, isMigrated: false }
    : await migrateState(settings, stored, record.version);
  if (migrated.status === "failed") {
    return { result: recoveryFailed(view, migrated.reason, migrated.error) };
  }
  if (migrated.status === "discarded") return { result: await discard(view) };
  const { isMigrated } = migrated;
  try {
    return {
      state: {
        values: pick(migrated.state, settings.storedKeys),
        savedAtMs: record.savedAtMs,
        fingerprint: isMigrated ? undefined : fingerprintOf(record.text),
        ...(isMigrated ? { migratedFrom: record.version ?? null } : {}),
      },
    };
  } catch (thrown) {
    // A getter in the output of the schema or of migrate().
    return { result: recoveryFailed(view, "schema_rejected", thrown) };
  }
}

/** Assigns a recovered state to the view. */
export function assignState(view: StashedView, state: RecoveredState): Recovered {
  const { host, settings } = view;
  host.assign(state.values);
  // The stored state's fingerprint: if the assigned values differ from it, the next stash() writes.
  view.fingerprint = view.isLost ? undefined : state.fingerprint;
  // A state that could not be saved before is not what the view shows now.
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

/** Reports that a state could not be recovered. */
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

/** The reason for an error of a recovery: a session without its value, or else the adapter. */
export function reasonOf(error: StashError): RecoverErrorReason {
  return error.code === "invalid_option" ? "reference_rejected" : "adapter_failed";
}
