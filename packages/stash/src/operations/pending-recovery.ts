import type { ValidToken } from "../token/token.ts";
import { pick } from "../state/capture.ts";
import { beginAnew } from "../view/announce.ts";
import { traceOperation } from "../channels.ts";
import { channels } from "../channels.ts";
import { StashError } from "../errors.ts";
import type { PersistentLoad } from "./persistent-load.ts";
import { assignState, own, readState, reasonOf, recoveryFailed } from "./restore.ts";
import { type LateRecoverResult, RECOVERY_EVENT, type RecoverResult } from "../results.ts";
import { saveCurrent } from "./save.ts";
import { settledWithin } from "../store/bounded-call.ts";
import {
  asStashError,
  logThrown,
  type PendingRecovery,
  type RecoveredState,
  report,
  SETTLED,
  type StashedView,
  takeTurn,
} from "../view/stashed-view.ts";
import { type Retry, retryLater } from "../background/store-retries.ts";

/** How often `reconcile` is asked again, as the stored keys have changed while it thought. */
const MAX_RECONCILE_TRIES = 3;

/**
 * Decides how a view goes on whose store has not answered in time: its page joins again, or the view
 * begins with its defaults and the recovery goes on in the background. Either way the browser keeps
 * the token that it presented.
 */
export function goOnWithoutAnswer(
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
    whenIdle(view, () => trace(view, takeTurn(view, settleRecovery, { recovery, opened })));
  load.onLateAnswer = settle;
  retryLater(view, retryOf(recovery, settle));
  return result;
}

/** Runs something between two messages of the view: a handler must not find its assigns changed. */
function whenIdle({ host }: StashedView, run: () => Promise<void>): void {
  if (host.whenIdle === undefined) void run();
  else host.whenIdle(run);
}

/** Takes note of what the page showed first, to tell later whether somebody has changed it since. */
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

/** Does what the store's answer leads to, in the view's turn. `undefined`: somebody was faster. */
async function settleRecovery(
  view: StashedView,
  { recovery, opened }: Answered,
): Promise<LateRecoverResult | undefined> {
  // Reset, ended, or settled by an answer that came another way.
  if (view.recovery !== recovery || view.end !== undefined) return undefined;
  let result: LateRecoverResult;
  try {
    result = await resultOf(view, recovery, opened);
  } catch (thrown) {
    view.recovery = SETTLED;
    result = recoveryFailed(view, reasonOf(asStashError(thrown)), thrown);
  }
  if (view.end !== undefined) return result;
  view.host.pushEvent(RECOVERY_EVENT, { v: view.host.id, status: result.status });
  tellApplication(view, result);
  // What was refused in the meantime, as nothing could be saved yet.
  if (result.status !== "kept_aside" && view.wasRefused) {
    view.wasRefused = false;
    await saveCurrent(view);
  }
  return result;
}

async function resultOf(
  view: StashedView,
  recovery: PendingRecovery,
  opened: ValidToken,
): Promise<LateRecoverResult> {
  const loaded = recovery.load.answer;
  if (loaded === undefined) {
    throw recovery.failure ?? new StashError("adapter_unavailable", "The store has not answered.");
  }
  if (loaded.status === "superseded") {
    // A page that was just loaded is as it would be without its token.
    if (recovery.isFresh) beginAnew(view);
    else view.isSuperseded = true;
    view.recovery = SETTLED;
    return { status: "not_found", reason: "superseded" };
  }
  if (loaded.status === "absent") {
    beginAnew(view);
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

/** Finds a place for a state that came back after the view had begun without it. */
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
    // A reloaded page that was changed meanwhile. Its application saves after each render and did not
    // ask for views that go on without their state: what the page shows is the later state.
    view.recovery = SETTLED;
    view.wasRefused = true;
    return { status: "replaced", savedAtMs: state.savedAtMs };
  }
  view.recovery = { status: "kept_aside", state };
  report(view, "recover", keptAside());
  return { status: "kept_aside", savedAtMs: state.savedAtMs };
}

/** Has the application decide. What it decides differs from what is stored, so it is saved. */
async function reconcile(view: StashedView, state: RecoveredState): Promise<LateRecoverResult> {
  const { host, settings } = view;
  const { storedKeys, timeoutMs } = settings;
  let decided: object | undefined;
  for (let tries = 1; ; tries += 1) {
    const before = fingerprintOfNow(view);
    const answer = settings.reconcile?.(state.values, pick(host.assigns, storedKeys));
    decided = await settledWithin(answer, timeoutMs, "reconcile()");
    // A host that does not wait until its view is idle may have changed it in between.
    if (before === fingerprintOfNow(view)) break;
    if (tries === MAX_RECONCILE_TRIES) throw new Error("The stored keys change all the time.");
  }
  if (decided !== undefined && (typeof decided !== "object" || decided === null)) {
    throw new TypeError("Expected reconcile() to give an object with stored keys, or undefined.");
  }
  const foreign = Object.keys(decided ?? {}).find((key) => !storedKeys.includes(key));
  if (foreign !== undefined) {
    throw new TypeError(`Expected reconcile() to give keys of storedKeys, found \`${foreign}\`.`);
  }
  view.recovery = SETTLED;
  view.wasRefused = true;
  const values = decided === undefined ? {} : pick(decided, storedKeys);
  return assignState(view, { ...state, values, fingerprint: undefined });
}

function fingerprintOfNow({ host, settings }: StashedView): string | undefined {
  try {
    return settings.capture.capture(host.assigns).fingerprint;
  } catch {
    // What cannot be stashed is not what an earlier look saw, either.
    return undefined;
  }
}

function tellApplication({ host, settings }: StashedView, result: LateRecoverResult): void {
  try {
    const told = settings.onLateRecovery?.(host, result);
    Promise.resolve(told).catch((thrown: unknown) => logThrown("onLateRecovery", thrown));
  } catch (thrown) {
    logThrown("onLateRecovery", thrown);
  }
}

async function trace(
  view: StashedView,
  settled: Promise<LateRecoverResult | undefined>,
): Promise<void> {
  const { host, settings } = view;
  let result: LateRecoverResult | undefined;
  try {
    result = await settled;
  } catch (thrown) {
    // Of the host, such as of an assign: nobody else would handle it.
    report(view, "recover", asStashError(thrown));
  }
  if (result === undefined || !channels.operation.hasSubscribers) return;
  const about = {
    operation: "recover",
    view: host.view.name,
    adapter: settings.adapter.name,
  } as const;
  traceOperation(about, Promise.resolve(result));
}

function keptAside(): StashError {
  return new StashError(
    "recovery_kept_aside",
    "The store gave a state back after the view had begun without it: expected the stored keys as the " +
      "first render showed them, found them changed. The state is kept: recoverState() takes it, " +
      "resetStash() deletes it, and until then stash() answers `recovery_pending`. Give a reconcile() " +
      "to decide without asking.",
  );
}

function reconcileFailed(cause: unknown): StashError {
  return new StashError(
    "reconcile_failed",
    "Cannot reconcile: expected reconcile() to give an object or undefined, found an error (see cause). " +
      "Correct reconcile(); the state that came back is kept aside.",
    { cause },
  );
}
