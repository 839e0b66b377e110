import { channels } from "../channels.ts";
import { StashError } from "../errors.ts";
import { type LateRecoverResult, RECOVERY_EVENT, type RecoverResult } from "../results.ts";
import { pick } from "../state/state-text.ts";
import { settledWithin } from "../store/bounded-call.ts";
import type { ValidToken } from "../token/token.ts";
import { startWithoutStash } from "../view/browser-token.ts";
import { asStashError, logThrown, report, trace } from "../view/report.ts";
import {
  type PendingRecovery,
  type RecoveredState,
  type Retry,
  runSerially,
  SETTLED,
  type StashedView,
} from "../view/stashed-view.ts";
import type { PersistentLoad } from "./persistent-load.ts";
import { assignState, own, readState, reasonOf, recoveryFailed } from "./restore.ts";
import { saveCurrent } from "./save.ts";

/** `reconcile` runs again if the stored keys changed meanwhile. Keys that always change would never end it. */
const MAX_RECONCILE_TRIES = 3;

/**
 * Continues a view whose store has not answered in time: its page joins again, or the view starts with its
 * defaults and the recovery continues in the background. Either way the browser keeps the presented token.
 */
export function continueWithoutAnswer(
  view: StashedView,
  load: PersistentLoad,
  opened: ValidToken,
  isFresh: boolean,
): RecoverResult {
  const { host, settings } = view;
  const error = load.lastError;
  const result: RecoverResult = { status: "pending", ...(error === undefined ? {} : { error }) };
  if (view.end !== undefined) {
    load.abandon();
    return result;
  }
  if (error !== undefined) report(view, "recover", error);
  if (settings.whenUnavailable === "rejoin" && !isFresh && host.rejoin !== undefined) {
    load.abandon();
    host.rejoin();
    return result;
  }
  const recovery: PendingRecovery = {
    status: "pending",
    load,
    isFresh,
    baseline: fingerprintOfNow(view),
    isRendered: false,
  };
  view.recovery = recovery;
  host.pushEvent(RECOVERY_EVENT, { v: host.id, status: "pending" });
  const settle = (): void =>
    whenIdle(view, () => traceLate(view, runSerially(view, settleRecovery, { recovery, opened })));
  load.onLateAnswer = settle;
  view.background.storeRetries.add(view, retryOf(recovery, settle));
  return result;
}

/** Runs between two messages of the view: the assigns must not change while a handler runs. */
function whenIdle({ host }: StashedView, run: () => Promise<void>): void {
  if (host.whenIdle === undefined) void run();
  else host.whenIdle(run);
}

/** Records the stored keys of the first render, to find out later whether they have changed since. */
export function noteRender(view: StashedView): void {
  const { recovery } = view;
  if (recovery.status !== "pending" || recovery.isRendered) return;
  recovery.isRendered = true;
  recovery.baseline = fingerprintOfNow(view);
}

function retryOf(recovery: PendingRecovery, settle: () => void): Retry {
  const { load } = recovery;
  return {
    isNeeded: (view) => view.recovery === recovery && view.end === undefined,
    async run() {
      try {
        if ((await load.ask()) === undefined) return false;
      } catch (thrown) {
        recovery.failure = asStashError(thrown);
      }
      settle();
      return true;
    },
  };
}

interface Answered {
  readonly recovery: PendingRecovery;
  readonly opened: ValidToken;
}

/**
 * Applies the store's answer. Runs as an operation of the view. Resolves with `undefined` if the recovery was
 * settled or given up before.
 */
async function settleRecovery(
  view: StashedView,
  { recovery, opened }: Answered,
): Promise<LateRecoverResult | undefined> {
  // Reset, ended, or settled by another try's answer.
  if (view.recovery !== recovery || view.end !== undefined) return undefined;
  let result: LateRecoverResult;
  try {
    result = await applyAnswer(view, recovery, opened);
  } catch (thrown) {
    view.recovery = SETTLED;
    result = recoveryFailed(view, reasonOf(asStashError(thrown)), thrown);
  }
  if (view.end !== undefined) return result;
  view.host.pushEvent(RECOVERY_EVENT, { v: view.host.id, status: result.status });
  callOnLateRecovery(view, result);
  // A stash() that was refused in the meantime.
  if (result.status !== "kept_aside" && view.wasRefused) {
    view.wasRefused = false;
    await saveCurrent(view);
  }
  return result;
}

async function applyAnswer(
  view: StashedView,
  recovery: PendingRecovery,
  opened: ValidToken,
): Promise<LateRecoverResult> {
  const loaded = recovery.load.answer;
  if (loaded === undefined) {
    throw recovery.failure ?? new StashError("adapter_unavailable", "The store has not answered.");
  }
  if (loaded.status === "superseded") {
    // On a fresh page load, the token of another view's stash counts as having none.
    if (recovery.isFresh) startWithoutStash(view);
    else view.isSuperseded = true;
    view.recovery = SETTLED;
    return { status: "not_found", reason: "superseded" };
  }
  if (loaded.status === "absent") {
    startWithoutStash(view);
    return { status: "not_found", reason: "absent" };
  }
  own(view, opened, loaded.adapterData);
  const read = await readState(view, loaded.record);
  if ("result" in read) {
    view.recovery = SETTLED;
    return read.result;
  }
  return await place(view, recovery, read.state);
}

/** Assigns a state that came after the view had started without it, or keeps it aside. */
async function place(
  view: StashedView,
  recovery: PendingRecovery,
  state: RecoveredState,
): Promise<LateRecoverResult> {
  const { settings } = view;
  if (settings.reconcile !== undefined) {
    try {
      return await reconcile(view, state);
    } catch (cause) {
      report(view, "recover", reconcileFailed(cause));
    }
  } else if (fingerprintOfNow(view) === recovery.baseline) {
    view.recovery = SETTLED;
    return assignState(view, state);
  } else if (settings.autoStash && settings.whenUnavailable === "rejoin") {
    // The reloaded page was changed meanwhile. Its application saves after each render and did not choose
    // "continue", so the page's content is the later state and replaces the stored one.
    view.recovery = SETTLED;
    view.wasRefused = true;
    return { status: "replaced", savedAtMs: state.savedAtMs };
  }
  view.recovery = { status: "kept_aside", state };
  report(view, "recover", keptAside());
  return { status: "kept_aside", savedAtMs: state.savedAtMs };
}

/** Calls the option `reconcile` and assigns its decision, which is then saved. */
async function reconcile(view: StashedView, state: RecoveredState): Promise<LateRecoverResult> {
  const { host, settings } = view;
  const { storedKeys, timeoutMs } = settings;
  let decided: object | undefined;
  for (let tries = 1; ; tries += 1) {
    const before = fingerprintOfNow(view);
    const answer = settings.reconcile?.(state.values, pick(host.assigns, storedKeys));
    decided = await settledWithin(answer, timeoutMs, "reconcile()");
    // A host without whenIdle() may have run a handler in between.
    if (before === fingerprintOfNow(view)) break;
    if (tries === MAX_RECONCILE_TRIES)
      throw new Error("The stored keys changed during each call of reconcile().");
  }
  if (decided !== undefined && (typeof decided !== "object" || decided === null)) {
    throw new TypeError("Expected reconcile() to return an object with stored keys, or undefined.");
  }
  const foreign = Object.keys(decided ?? {}).find((key) => !storedKeys.includes(key));
  if (foreign !== undefined) {
    throw new TypeError(`Expected reconcile() to return keys of storedKeys, found \`${foreign}\`.`);
  }
  view.recovery = SETTLED;
  view.wasRefused = true;
  const values = decided === undefined ? {} : pick(decided, storedKeys);
  return assignState(view, { ...state, values, fingerprint: undefined });
}

function fingerprintOfNow({ host, settings }: StashedView): string | undefined {
  try {
    return settings.capture(host.assigns).fingerprint;
  } catch {
    // Differs from any earlier fingerprint.
    return undefined;
  }
}

function callOnLateRecovery({ host, settings }: StashedView, result: LateRecoverResult): void {
  try {
    const returned = settings.onLateRecovery?.(host, result);
    Promise.resolve(returned).catch((thrown: unknown) => logThrown("onLateRecovery", thrown));
  } catch (thrown) {
    logThrown("onLateRecovery", thrown);
  }
}

async function traceLate(
  view: StashedView,
  settled: Promise<LateRecoverResult | undefined>,
): Promise<void> {
  let result: LateRecoverResult | undefined;
  try {
    result = await settled;
  } catch (thrown) {
    // An error of the host, such as of assign(): no caller would handle it.
    report(view, "recover", asStashError(thrown));
  }
  if (result === undefined || !channels.operation.hasSubscribers) return;
  trace(view, "recover", Promise.resolve(result));
}

function keptAside(): StashError {
  return new StashError(
    "recovery_kept_aside",
    "The store returned a state after the view had started without it: expected the stored keys of the " +
      "first render, found them changed. The state is kept aside: recoverState() assigns it, " +
      "resetStash() deletes it, and until then stash() fails with `recovery_pending`. Provide reconcile() " +
      "to decide automatically.",
  );
}

function reconcileFailed(cause: unknown): StashError {
  return new StashError(
    "reconcile_failed",
    "Cannot reconcile: expected reconcile() to return an object or undefined, found an error (see cause). " +
      "Correct reconcile(); the recovered state is kept aside.",
    { cause },
  );
}
