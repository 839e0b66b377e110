import { type AdapterBackground, backgroundOf } from "./background/background.ts";
import { channels, type OperationName, type OperationResult } from "./channels.ts";
import { StashError } from "./errors.ts";
import { countCrash } from "./operations/crashing-states.ts";
import { endStashedView } from "./operations/end.ts";
import { noteRender } from "./operations/pending-recovery.ts";
import { recoverStashedState } from "./operations/recover.ts";
import {
  keepRecoveredKeys,
  putRecoveredKeysBack,
  RECOVERED_VALUE,
} from "./operations/recovered-forms.ts";
import { resetStashedState } from "./operations/reset.ts";
import { captureAndSave, saveLost } from "./operations/save.ts";
import { type LiveStashOptions, parseSettings, type StashHostOf } from "./options.ts";
import type { RecoverResult, ResetResult, StashResult } from "./results.ts";
import type { HostEndReason, StashHost } from "./stash-host.ts";
import type { MaybePromise } from "./store/adapter.ts";
import { awaitsRecovery } from "./view/browser-token.ts";
import { trace, warnOfNoRecovery } from "./view/report.ts";
import { createStashedView, runSerially, type StashedView } from "./view/stashed-view.ts";

/** The hook that `liveStash()` returns, for a view's `use`. */
export interface StashHook<in Assigns extends object> {
  readonly name: "live-stash";
  onMount(host: StashHostOf<Assigns>): void;
  /** Defined with `autoStash`, or if a view may start without its state. */
  afterRender?(host: StashHostOf<Assigns>): MaybePromise<void>;
  onEvent(
    host: StashHostOf<Assigns>,
    event: string,
    value: Readonly<Record<string, unknown>>,
  ): void;
  afterEvent(host: StashHostOf<Assigns>): void;
  onTerminate(host: StashHostOf<Assigns>, reason: HostEndReason): MaybePromise<void>;
  /** Hands stashes over to other nodes, if the adapter can, and closes it, once for all views. */
  onServerClose(): Promise<void>;
}

/**
 * The property of a host that holds its stashed view, which is collected with the host. The values of a
 * `WeakMap` survive minor garbage collections: every view would stay until the next major one, with its
 * socket and its state.
 */
const VIEW = Symbol("live-stash");

interface HostWithView {
  readonly [VIEW]?: StashedView;
}

/**
 * Makes a view's assigns survive a lost connection: put the result into the view's `use`, call
 * `recoverState` when it mounts and `stash` when its state has changed.
 *
 * Throws a `StashError` with `invalid_option`, or `missing_secret` in production.
 */
export function liveStash<Assigns extends object>(
  options: LiveStashOptions<Assigns>,
): StashHook<Assigns> {
  const settings = parseSettings(options);
  const background: AdapterBackground = backgroundOf(settings.adapter, saveLost);
  const hook: StashHook<Assigns> = {
    name: "live-stash",
    onMount(host) {
      if (stashedViewOf(host) !== undefined) throw twoStashes(host);
      // Not enumerable, so that copies and logs of a host do not contain it.
      Object.defineProperty(host, VIEW, { value: createStashedView(host, settings, background) });
    },
    onEvent(host, _event, value) {
      const view = stashedViewOf(host);
      if (view === undefined) return;
      view.isHandlingEvent = value[RECOVERED_VALUE] === undefined;
      keepRecoveredKeys(view, value);
    },
    afterEvent(host) {
      const view = stashedViewOf(host);
      if (view === undefined) return;
      view.isHandlingEvent = false;
      putRecoveredKeysBack(view);
    },
    onTerminate(host, reason) {
      const view = stashedViewOf(host);
      if (view === undefined || view.end !== undefined) return undefined;
      view.end = { reason, atMs: settings.monotonicNow() };
      if (view.recovery.status === "pending") view.recovery.load.abandon();
      countCrash(view);
      const isIdle = view.ownedStash === undefined && view.lastOperation === undefined;
      if (isIdle) return undefined;
      return runSerially(view, endStashedView, undefined).then(({ deadlineSent }) => deadlineSent);
    },
    onServerClose: () => background.close(),
  };
  const mayStartWithout = settings.whenUnavailable === "continue" || settings.recoverAfterReload;
  if (!settings.autoStash && !mayStartWithout) return hook;
  return {
    ...hook,
    async afterRender(host) {
      const view = stashedViewOf(host);
      if (view !== undefined && host.connected) noteRender(view);
      if (settings.autoStash) await autoStash(host);
    },
  };
}

/** Stashes for `autoStash`: a failure that repeats with each render is reported once, until a save succeeds. */
async function stashAfterRender(view: StashedView): Promise<void> {
  view.isAutoStash = true;
  try {
    const { status } = await stash(view.host);
    if (status !== "error") view.autoStashCode = undefined;
  } finally {
    view.isAutoStash = false;
  }
}

/**
 * Whether a state could not be used and the stored keys are unchanged since the first render. Until they
 * change, `autoStash` does not replace that state.
 */
function isUnusableKept(view: StashedView): boolean {
  const { host, settings, unusable } = view;
  if (unusable === undefined) return false;
  try {
    const { fingerprint } = settings.capture(host.assigns);
    unusable.baseline ??= fingerprint;
    if (unusable.baseline === fingerprint) return true;
  } catch {
    // The stash() that follows reports the error.
  }
  view.unusable = undefined;
  return false;
}

/** Stashes after a render. While the recovery is pending, only notes that there is something to save. */
async function autoStash(host: StashHost): Promise<void> {
  const view = viewOf(host, "stash");
  if (!host.connected) return;
  if (view.isRecoveryAsked && awaitsRecovery(view)) view.wasRefused = true;
  else if (!isUnusableKept(view)) await stashAfterRender(view);
}

/**
 * Saves the view's stored keys as they are at this moment, unless the store has them already. Resolves when
 * they are saved, and never rejects: a failure is a status, and is passed to `onError`. The reply to the
 * current event waits for the save.
 *
 * Throws `not_a_stash_view` if the view does not `use` `liveStash()`.
 */
export function stash(host: StashHost): Promise<StashResult> {
  const view = viewOf(host, "stash");
  if (!host.connected) return Promise.resolve({ status: "skipped" });
  if (!view.isRecoveryAsked) warnOfNoRecovery(view);
  // A handler may outlive the connection: its changes are saved, unless the page left for good.
  const isOver = view.end?.reason === "left" || view.isSuperseded;
  if (isOver) return Promise.resolve({ status: "superseded" });
  // The changes of this event will be undone, so the stored state is the one to store.
  if (view.recoveredKeys !== undefined) return Promise.resolve({ status: "unchanged" });
  return answer(view, "stash", captureAndSave(view));
}

/**
 * Assigns the state that this page's previous view stashed, if the page is back within the TTL, and makes
 * this view the owner of the stash. Call it when the view mounts, after its defaults are assigned. Never
 * rejects. A store that fails or does not answer is asked again for `recoverWithinMs`; then
 * `whenUnavailable` decides, and the status is `pending`.
 *
 * Throws `not_a_stash_view` if the view does not `use` `liveStash()`.
 */
export function recoverState(host: StashHost): Promise<RecoverResult> {
  const view = viewOf(host, "recoverState");
  if (!host.connected) return Promise.resolve({ status: "new" });
  view.isRecoveryAsked = true;
  return answer(view, "recover", runSerially(view, recoverStashedState, undefined));
}

/**
 * Deletes the view's stash, so that a reconnect starts afresh. The assigns stay as they are; the
 * next `stash()` creates a new one. Never rejects: a failure is a status, and is passed to `onError`.
 *
 * Throws `not_a_stash_view` if the view does not `use` `liveStash()`.
 */
export function resetStash(host: StashHost): Promise<ResetResult> {
  const view = viewOf(host, "resetStash");
  if (!host.connected) return Promise.resolve({ status: "nothing" });
  if (view.end !== undefined) return Promise.resolve({ status: "superseded" });
  return answer(view, "reset", runSerially(view, resetStashedState, undefined));
}

/** Has the reply to the current event wait for a result, even if the application forgot to `await` it. */
function answer<Result extends OperationResult>(
  view: StashedView,
  operation: OperationName,
  result: Promise<Result>,
): Promise<Result> {
  view.host.waitUntil(result);
  if (channels.operation.hasSubscribers) trace(view, operation, result);
  return result;
}

function stashedViewOf(host: StashHost & HostWithView): StashedView | undefined {
  return host[VIEW];
}

function viewOf(host: StashHost, called: string): StashedView {
  const view = stashedViewOf(host);
  if (view !== undefined) return view;
  throw new StashError(
    "not_a_stash_view",
    `${called}() was called for the view "${host.view.name}": expected a view that uses ` +
      "liveStash(), found one that does not. Add liveStash({ … }) to the view's `use`.",
  );
}

function twoStashes(host: StashHost): StashError {
  return new StashError(
    "invalid_option",
    `The view "${host.view.name}" uses liveStash() twice: expected one, which stores all keys. ` +
      "Join the two lists of storedKeys.",
  );
}
