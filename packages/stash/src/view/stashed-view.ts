import type { LoadOutcome, MaybePromise, Owner, StashId } from "../store/adapter.ts";
import type { CapturedState } from "../state/capture.ts";
import { describeCause, messageWithCause } from "../describe-cause.ts";
import { channels, type ErrorEvent } from "../channels.ts";
import { StashError } from "../errors.ts";
import { sessionScope, type TokenScope } from "../token/scope.ts";
import {
  HELD_PARAM,
  HOLD_EVENT,
  type HoldEvent,
  type HostEndReason,
  type StashHost,
} from "../stash-host.ts";
import type { StashErrorContext } from "../options.ts";
import type { Settings } from "../options.ts";

/** The stash that a view owns. */
export interface Hold {
  readonly id: StashId;
  /** Identifies the browser's token. */
  readonly tokenId: string;
  /** The expiry of the browser's token, if it is a state token. */
  readonly tokenExpiresAtMs: number;
}

/** A stash that has a name already, which the browser was sent, and that no save has created yet. */
export interface Announced {
  readonly id: StashId;
  readonly tokenId: string;
}

/** How far the question has come what the token names that the browser presented. */
export type Recovery =
  /** `recoverState()` has not been called. */
  | { readonly status: "unasked" }
  /** The store has not answered. */
  | PendingRecovery
  /** The store gave a state back that the view has no place for yet. */
  | { readonly status: "kept_aside"; readonly state: RecoveredState }
  /** Answered, or there was nothing to ask. */
  | { readonly status: "settled" };

/** A question that the store is asked again until it answers (see `PersistentLoad`). */
export interface OpenQuestion {
  /** The id that is asked for. */
  readonly id: StashId;
  /** The store's answer, once there is one. */
  readonly answer: LoadOutcome | undefined;
  /** The reason why the last try had no answer. */
  readonly lastError: StashError | undefined;
  /** Asks once more: the answer, `undefined` if the store has none yet. */
  ask(): MaybePromise<LoadOutcome | undefined>;
  /** Stops asking. A stash that an answer still takes over gets its final deadline. */
  abandon(): void;
}

export interface PendingRecovery {
  readonly status: "pending";
  readonly load: OpenQuestion;
  /** The page was just loaded. */
  readonly isFresh: boolean;
  /** The fingerprint of the stored keys as the first render showed them, or before it. */
  baseline: string | undefined;
  isRendered: boolean;
  /** An error that asking again will not change. */
  failure?: StashError;
}

/** A state that the store gave back, in the shape of today. */
export interface RecoveredState {
  readonly values: Readonly<Record<string, unknown>>;
  readonly savedAtMs: number;
  /** Of what the store has; `undefined` if the values differ from it, as they were migrated. */
  readonly fingerprint: string | undefined;
  /** The version it was migrated from, `null` if the state had none. */
  readonly migratedFrom?: string | number | null;
}

const UNASKED: Recovery = { status: "unasked" };
/** The question is answered, or there was none. */
export const SETTLED: Recovery = { status: "settled" };

/** How and when a view ended. */
export interface ViewEnd {
  readonly reason: HostEndReason;
  /** By the monotonic clock: the system's may be set before the store is told. */
  readonly atMs: number;
}

/** A state that the store should have. */
export interface UnsavedState {
  readonly record: Uint8Array;
  readonly fingerprint: string;
}

/** What is known about one view; a few words, and nothing that runs. */
export interface StashedView {
  readonly host: StashHost;
  readonly settings: Settings;
  readonly owner: Owner;
  hold: Hold | undefined;
  /** The stash that the first save will create, if the browser knows it already. */
  announced: Announced | undefined;
  recovery: Recovery;
  /** The store lost the stash, or another view of the page made it again: who owns it is to be asked. */
  isLost: boolean;
  /** The stored keys, while an event is handled that must not change them. */
  recoveredKeys: CapturedState | undefined;
  /**
   * What `autoStash` must not replace by what the first render shows: a state that was there and could
   * not be used. `baseline` is the fingerprint of that render.
   */
  unusable: { baseline: string | undefined } | undefined;
  /** The stash under way is one of `autoStash`. */
  isAutoStash: boolean;
  /** The code with which the last `autoStash` failed: the same one again is not reported each time. */
  autoStashCode: string | undefined;
  /** An event of the page is being handled. */
  isHandlingEvent: boolean;
  /** A `stash()` was refused, as the store had not answered: the state is saved once it has. */
  wasRefused: boolean;
  /** When, by the monotonic clock in ms, this view recovered its stash; `undefined` if it did not. */
  recoveredAtMs: number | undefined;
  /** Whether `recoverState()` was called. */
  isRecoveryAsked: boolean;
  /** The browser was told to drop what it presented: owned again, no browser could name it. */
  isPresentedDropped: boolean;
  /** The fingerprint of what the store is known to have; `undefined` if that is not known. */
  fingerprint: string | undefined;
  /** The last state that was to be saved and could not be, as the store failed. */
  unsaved: UnsavedState | undefined;
  /** Another view owns the stash now. */
  isSuperseded: boolean;
  /** How and when it ended; `undefined` while it lives. */
  end: ViewEnd | undefined;
  /** The last operation that has not settled yet: the next one waits for it. */
  lastTurn: Promise<unknown> | undefined;
  /** How many operations there have been. */
  turns: number;
}

export function createStashedView(host: StashHost, settings: Settings): StashedView {
  return {
    host,
    settings,
    owner: settings.nextOwner(host.connectParams),
    hold: undefined,
    announced: undefined,
    recovery: UNASKED,
    isLost: false,
    recoveredKeys: undefined,
    unusable: undefined,
    isAutoStash: false,
    autoStashCode: undefined,
    isHandlingEvent: false,
    wasRefused: false,
    recoveredAtMs: undefined,
    isRecoveryAsked: false,
    isPresentedDropped: false,
    fingerprint: undefined,
    unsaved: undefined,
    isSuperseded: false,
    end: undefined,
    lastTurn: undefined,
    turns: 0,
  };
}

/**
 * Runs the operations of one view one after the other, in the order of the calls; the first one
 * begins at once.
 */
export function takeTurn<Input, Result>(
  view: StashedView,
  operate: (view: StashedView, input: Input) => Promise<Result>,
  input: Input,
): Promise<Result> {
  const turn = runTurn(view, operate, input);
  view.lastTurn = turn;
  return turn;
}

async function runTurn<Input, Result>(
  view: StashedView,
  operate: (view: StashedView, input: Input) => Promise<Result>,
  input: Input,
): Promise<Result> {
  view.turns += 1;
  const turn = view.turns;
  const before = view.lastTurn;
  if (before !== undefined) await before.catch(ignore);
  try {
    return await operate(view, input);
  } finally {
    if (view.turns === turn) view.lastTurn = undefined;
  }
}

/** Whoever started a turn hears of its error. */
function ignore(): void {}

/** The scope of a view's tokens. Throws `invalid_option` if its session binds nothing. */
export function heldScope({ host, settings }: StashedView): TokenScope {
  return {
    adapter: settings.adapter.name,
    view: host.view.name,
    session: sessionScope(host.session, settings.sessionKey),
  };
}

/** Until when a view's stash lives, should nobody say otherwise: one TTL beyond its connection. */
export function deadlineMs({ settings, end }: StashedView): number {
  if (end !== undefined) return finalDeadlineMs(settings, end);
  if (!settings.adapter.capabilities.needsKeepAlive) return Infinity;
  return settings.clock.now() + settings.ttlMs + settings.keepAliveIntervalMs;
}

/** One TTL after the end of a view, by the system's clock of now. */
export function finalDeadlineMs({ clock, ttlMs, monotonicNow }: Settings, end: ViewEnd): number {
  return Math.round(clock.now() + ttlMs - (monotonicNow() - end.atMs));
}

/** What the browser came with, of which nothing is trusted; `undefined` for nothing, or no more. */
export function presentedBy({ host, isPresentedDropped }: StashedView): unknown {
  return isPresentedDropped ? undefined : (host.connectParams[HELD_PARAM] ?? undefined);
}

/** Sends the browser what to hold from now on, `null` for nothing. */
export function pushHold(view: StashedView, held: string | null): void {
  const { host, settings } = view;
  if (held === null) {
    view.isPresentedDropped = true;
    push(view, { v: host.id, h: null });
  } else push(view, { v: host.id, h: held, ...(settings.recoverAfterReload ? { s: 1 } : {}) });
}

/** Tells the browser the new end of what it holds. */
export function pushRenewal(view: StashedView, renewal: string): void {
  push(view, { v: view.host.id, r: renewal });
}

function push({ host, end }: StashedView, event: HoldEvent): void {
  if (end === undefined) host.pushEvent(HOLD_EVENT, event);
}

/** Hands an error to the application. Whatever its handler does, the view goes on. */
export function report(
  { settings, host }: StashedView,
  operation: StashErrorContext["operation"],
  error: StashError,
): void {
  const context: StashErrorContext = { view: host.view.name, operation };
  if (channels.error.hasSubscribers) {
    const event: ErrorEvent = { ...context, adapter: settings.adapter.name, code: error.code };
    channels.error.publish(event);
  }
  try {
    if (settings.onError === undefined) logError(error, context);
    // It may be an async function all the same: nobody else would handle its rejection.
    else Promise.resolve(settings.onError(error, context)).catch(logBoth);
  } catch (thrown) {
    logBoth(thrown);
  }

  function logBoth(thrown: unknown): void {
    logError(error, context);
    logThrown("onError", thrown);
  }
}

/** Logs what a callback of the application threw, of which nobody else would learn. */
export function logThrown(option: "onError" | "onLateRecovery", thrown: unknown): void {
  const line = `live-stash: the option ${option} threw:`;
  try {
    console.error(line, thrown);
  } catch {
    // Its stack or its own printing may throw as well.
    console.error(`${line} ${describeCause(thrown)}`);
  }
}

function logError(error: StashError, { view, operation }: StashErrorContext): void {
  const text = messageWithCause(error);
  console.error(`live-stash: ${operation} of view "${view}": ${error.code}: ${text}`);
}

/**
 * Makes a `StashError` of whatever was thrown, for a `catch`: a value of the application may throw
 * anything when it is read, and no operation rejects for it.
 */
export function asStashError(thrown: unknown): StashError {
  if (thrown instanceof StashError) return thrown;
  return new StashError(
    "unexpected_error",
    "Expected values that can be read without an error, found one (see cause), such as of a getter. " +
      "Store plain data.",
    { cause: thrown },
  );
}
