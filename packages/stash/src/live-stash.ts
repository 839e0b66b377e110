import type { MaybePromise } from "./store/adapter.ts";
import type { CapturedState } from "./state/capture.ts";
import { closeAdapter } from "./close-adapter.ts";
import { channels, type OperationName, type OperationResult, traceOperation } from "./channels.ts";
import { noteEndOfRecovered } from "./operations/crashing-states.ts";
import { endStashedView } from "./operations/end.ts";
import { StashError } from "./errors.ts";
import type { HostEndReason, StashHost } from "./stash-host.ts";
import type { LiveStashOptions, StashHostOf } from "./options.ts";
import { noteRender } from "./operations/pending-recovery.ts";
import {
  keepRecoveredKeys,
  putRecoveredKeysBack,
  RECOVERED_VALUE,
} from "./operations/recovered-forms.ts";
import { awaitsRecovery } from "./view/presented-token.ts";
import { recoverStashedState } from "./operations/recover.ts";
import { resetStashedState } from "./operations/reset.ts";
import type { RecoverResult, ResetResult, StashResult } from "./results.ts";
import { notSaved, saveAfterRecovery, saveState } from "./operations/save.ts";
import { parseSettings } from "./options.ts";
import { createStashedView, type StashedView, takeTurn } from "./view/stashed-view.ts";
import { warnOfNoRecovery } from "./warn-of-no-recovery.ts";

/** What `liveStash()` gives: a hook for a view's `use`. */
export interface StashHook<in Assigns extends object> {
  readonly name: "live-stash";
  onMount(host: StashHostOf<Assigns>): void;
  /** Only there where it has something to do: with `autoStash`, or if a view may go on without its state. */
  afterRender?(host: StashHostOf<Assigns>): MaybePromise<void>;
  onEvent(
    host: StashHostOf<Assigns>,
    event: string,
    value: Readonly<Record<string, unknown>>,
  ): void;
  afterEvent(host: StashHostOf<Assigns>): void;
  onTerminate(host: StashHostOf<Assigns>, reason: HostEndReason): MaybePromise<void>;
  /** Hands stashes over to other nodes, where the adapter can, and closes it, once for all views. */
  onServerClose(): Promise<void>;
}

/**
 * Where a host carries its view, which goes with it: nothing to clean up. A `WeakMap` would do as well,
 * but for minor garbage collections all of its values are alive, and each holds its host: every view
 * would stay until the next major collection, with its socket and its state.
 */
const VIEW = Symbol("live-stash");

interface Carrier {
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
  const hook: StashHook<Assigns> = {
    name: "live-stash",
    onMount(host) {
      if (carriedBy(host) !== undefined) throw twoStashes(host);
      // Not enumerable: it is nothing that copying or printing a host should show.
      Object.defineProperty(host, VIEW, { value: createStashedView(host, settings) });
    },
    onEvent(host, _event, value) {
      const view = carriedBy(host);
      if (view === undefined) return;
      view.isHandlingEvent = value[RECOVERED_VALUE] === undefined;
      keepRecoveredKeys(view, value);
    },
    afterEvent(host) {
      const view = carriedBy(host);
      if (view === undefined) return;
      view.isHandlingEvent = false;
      putRecoveredKeysBack(view);
    },
    onTerminate(host, reason) {
      const view = carriedBy(host);
      if (view === undefined || view.end !== undefined) return undefined;
      view.end = { reason, atMs: settings.monotonicNow() };
      if (view.recovery.status === "pending") view.recovery.load.abandon();
      noteEndOfRecovered(view);
      const isIdle = view.hold === undefined && view.lastTurn === undefined;
      if (isIdle) return undefined;
      return takeTurn(view, endStashedView, undefined).then(({ told }) => told);
    },
    onServerClose: () => closeAdapter(settings.adapter),
  };
  const mayGoOnWithout = settings.whenUnavailable === "continue" || settings.recoverAfterReload;
  if (!settings.autoStash && !mayGoOnWithout) return hook;
  return {
    ...hook,
    async afterRender(host) {
      const view = carriedBy(host);
      if (view !== undefined && host.connected) noteRender(view);
      if (settings.autoStash) await autoStash(host);
    },
  };
}

/** A failure that comes back with each render is reported once, until something is saved. */
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
 * Whether the page still shows what it began with, as a state that was there could not be used: until
 * somebody changes something, nothing is saved in its place without being asked for.
 */
function isUnusableKept(view: StashedView): boolean {
  const { host, settings, unusable } = view;
  if (unusable === undefined) return false;
  try {
    const { fingerprint } = settings.capture.capture(host.assigns);
    unusable.baseline ??= fingerprint;
    if (unusable.baseline === fingerprint) return true;
  } catch {
    // The stash() that follows says what is wrong.
  }
  view.unusable = undefined;
  return false;
}

/** Stashes after a render. While the store has not answered there is nothing to be said each time. */
async function autoStash(host: StashHost): Promise<void> {
  const view = viewOf(host, "stash");
  if (!host.connected) return;
  if (view.isRecoveryAsked && awaitsRecovery(view)) view.wasRefused = true;
  else if (!isUnusableKept(view)) await stashAfterRender(view);
}

/**
 * Saves the view's stored keys as they are at this moment, unless they are what is saved already.
 * Resolves when the store has them, and never rejects: a failure is a status, and `onError` hears
 * of it. The reply to the event being handled waits for it.
 *
 * Throws `not_a_stash_view` if the view does not `use` `liveStash()`.
 */
export function stash(host: StashHost): Promise<StashResult> {
  const view = viewOf(host, "stash");
  if (!host.connected) return Promise.resolve({ status: "skipped" });
  if (!view.isRecoveryAsked) warnOfNoRecovery(host.view.name);
  // A handler may outlive the connection: what it did is kept, unless the page left for good.
  const isOver = view.end?.reason === "left" || view.isSuperseded;
  if (isOver) return Promise.resolve({ status: "superseded" });
  // What the event changes will be put back, so what is stored is what there is to store.
  if (view.recoveredKeys !== undefined) return Promise.resolve({ status: "unchanged" });
  let state: CapturedState;
  try {
    state = view.settings.capture.capture(host.assigns);
  } catch (thrown) {
    return answer(view, "stash", Promise.resolve(notSaved(view, thrown)));
  }
  // Captured before a recovery that settles only now, it would be written over what that brings back.
  const { recovery } = view;
  const isRecovering =
    view.isRecoveryAsked && view.lastTurn !== undefined && recovery.status !== "settled";
  const input = { state, recovery };
  const saved = isRecovering
    ? takeTurn(view, saveAfterRecovery, input)
    : takeTurn(view, saveState, state);
  return answer(view, "stash", saved);
}

/**
 * Assigns what this page's previous view had stashed, if the page is back within the TTL, and makes
 * this view the owner of the stash. Call it when the view mounts, after its defaults are assigned.
 * Never rejects. A store that fails or is silent is asked again for `recoverWithinMs`; then
 * `whenUnavailable` decides, and the status is `pending`.
 *
 * Throws `not_a_stash_view` if the view does not `use` `liveStash()`.
 */
export function recoverState(host: StashHost): Promise<RecoverResult> {
  const view = viewOf(host, "recoverState");
  if (!host.connected) return Promise.resolve({ status: "new" });
  view.isRecoveryAsked = true;
  return answer(view, "recover", takeTurn(view, recoverStashedState, undefined));
}

/**
 * Deletes the view's stash, so that a reconnect starts afresh. The assigns stay as they are; the
 * next `stash()` begins a new one. Never rejects: a failure is a status, and `onError` hears of it.
 *
 * Throws `not_a_stash_view` if the view does not `use` `liveStash()`.
 */
export function resetStash(host: StashHost): Promise<ResetResult> {
  const view = viewOf(host, "resetStash");
  if (!host.connected) return Promise.resolve({ status: "nothing" });
  if (view.end !== undefined) return Promise.resolve({ status: "superseded" });
  return answer(view, "reset", takeTurn(view, resetStashedState, undefined));
}

/** So that a reply never overtakes the store, also where the application forgot to `await`. */
function answer<Result extends OperationResult>(
  { host, settings }: StashedView,
  operation: OperationName,
  result: Promise<Result>,
): Promise<Result> {
  host.waitUntil(result);
  if (channels.operation.hasSubscribers) {
    traceOperation({ operation, view: host.view.name, adapter: settings.adapter.name }, result);
  }
  return result;
}

function carriedBy(host: StashHost & Carrier): StashedView | undefined {
  return host[VIEW];
}

function viewOf(host: StashHost, called: string): StashedView {
  const view = carriedBy(host);
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
