import type { Owner, StashId } from "./adapter.ts";
import { describeCause, isDevelopment } from "./describe-cause.ts";
import { channels, type ErrorEvent } from "./diagnostics.ts";
import { StashError } from "./errors.ts";
import {
  HELD_PARAM,
  HOLD_EVENT,
  type HoldEvent,
  type HostEndReason,
  type StashHost,
} from "./host.ts";
import { keepAliveIntervalMs } from "./keep-alive-interval.ts";
import type { StashErrorContext } from "./options.ts";
import type { Settings } from "./settings.ts";

/** The stash that a view owns. */
export interface Hold {
  readonly id: StashId;
  /** Recognises the browser's string (see `HeldForm`). */
  readonly mark: string;
  /** Until when the browser's string is good, where it says so itself. */
  readonly leaseUntilMs: number;
}

/** How and when (in ms since the epoch) a view ended. */
export interface ViewEnd {
  readonly reason: HostEndReason;
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

/** Until when a view's stash lives, should nobody say otherwise: one TTL beyond its connection. */
export function deadlineMs({ settings, end }: StashedView): number {
  if (end !== undefined) return end.atMs + settings.ttlMs;
  if (!settings.adapter.capabilities.needsKeepAlive) return Infinity;
  return settings.clock.now() + settings.ttlMs + keepAliveIntervalMs(settings.ttlMs);
}

/** What the browser came with, of which nothing is trusted; `undefined` for nothing, or no more. */
export function presentedBy({ host, isPresentedDropped }: StashedView): unknown {
  return isPresentedDropped ? undefined : (host.connectParams[HELD_PARAM] ?? undefined);
}

/** Tells the browser what to hold from now on, `null` for nothing. */
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
    const line = "live-stash: the option onError threw:";
    try {
      console.error(line, thrown);
    } catch {
      // Its stack or its own printing may throw as well.
      console.error(`${line} ${describeCause(thrown)}`);
    }
  }
}

function logError(error: StashError, { view, operation }: StashErrorContext): void {
  const line = `live-stash: ${operation} of view "${view}": ${error.code}: ${error.message}`;
  console.error(error.cause === undefined ? line : `${line} Cause: ${causeOf(error)}`);
}

/** The errors of schemas and of migrate() may quote the state, which no log of production holds. */
function causeOf({ code, cause }: StashError): string {
  const isOfStore = code.startsWith("adapter_");
  return describeCause(cause, isOfStore || isDevelopment() ? "shown" : "hidden");
}

/** For a `catch`: the operations of this package throw nothing else, save for its own mistakes. */
export function asStashError(thrown: unknown): StashError {
  if (thrown instanceof StashError) return thrown;
  throw thrown;
}
