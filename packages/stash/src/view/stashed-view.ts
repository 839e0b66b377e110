import type { StashError } from "../errors.ts";
import type { Settings } from "../options.ts";
import type { HostEndReason, StashHost } from "../stash-host.ts";
import type { CapturedState } from "../state/capture.ts";
import type {
  KeepAliveRequest,
  LoadOutcome,
  MaybePromise,
  Owner,
  StashId,
} from "../store/adapter.ts";
import { sessionScope, type TokenScope } from "../token/scope.ts";

/** The state of one view's stash. Nothing in it runs by itself. */
export interface StashedView {
  readonly host: StashHost;
  readonly settings: Settings;
  readonly background: Background;
  readonly owner: Owner;
  /** The scope of the view's tokens, once it was needed (see `scopeOf`). */
  scope: TokenScope | undefined;
  ownedStash: OwnedStash | undefined;
  /** The stash that the first save will create, if the browser has its token already. */
  announced: AnnouncedStash | undefined;
  recovery: Recovery;
  /** The store lost the stash, or another view of the page created it again: a load decides its owner. */
  isLost: boolean;
  /** The stored keys, while an event is handled that must not change them. */
  recoveredKeys: CapturedState | undefined;
  /**
   * Set if a state could not be used: `autoStash` must not replace it by the content of the first render,
   * whose fingerprint is `baseline`.
   */
  unusable: { baseline: string | undefined } | undefined;
  /** The current stash was started by `autoStash`. */
  isAutoStash: boolean;
  /** The code with which the last `autoStash` failed: the same code again is not reported. */
  autoStashCode: string | undefined;
  /** An event of the page is being handled. */
  isHandlingEvent: boolean;
  /** A `stash()` was refused while the recovery was pending: the state is saved once that has settled. */
  wasRefused: boolean;
  /** When this view recovered its stash, in ms of `performance.now()`. */
  recoveredAtMs: number | undefined;
  /** `recoverState()` was called. */
  isRecoveryAsked: boolean;
  /** The browser was sent another token, or none, in place of the one it presented. */
  isPresentedDropped: boolean;
  /** The fingerprint of the state that the store is known to have. */
  fingerprint: string | undefined;
  /** The last state that could not be saved because the store failed. */
  unsaved: UnsavedState | undefined;
  /** Another view owns the stash now. */
  isSuperseded: boolean;
  end: ViewEnd | undefined;
  /** The last operation, until it settles: the next one waits for it. */
  lastOperation: Promise<unknown> | undefined;
  operationCount: number;
}

/** The stash that a view owns. */
export interface OwnedStash {
  readonly id: StashId;
  /** The id of the browser's token (see `TokenForm`). */
  readonly tokenId: string;
  readonly tokenExpiresAtMs: number;
}

/** A stash whose token the browser has, although no save has created it yet. */
export interface AnnouncedStash {
  readonly id: StashId;
  readonly tokenId: string;
}

/** A state that the store should have. */
export interface UnsavedState {
  readonly record: Uint8Array;
  readonly fingerprint: string;
}

/** The reason and time of a view's end. */
export interface ViewEnd {
  readonly reason: HostEndReason;
  /** In ms of the monotonic clock: the system's clock may be set before the store gets the deadline. */
  readonly atMs: number;
}

/** The progress of recovering the state that the presented token names. */
export type Recovery =
  /** `recoverState()` has not been called. */
  | { readonly status: "not_started" }
  /** The store has not answered. */
  | PendingRecovery
  /** The store returned a state after the view had started without it and changed. */
  | { readonly status: "kept_aside"; readonly state: RecoveredState }
  /** The store has answered, or there was nothing to ask. */
  | { readonly status: "settled" };

export interface PendingRecovery {
  readonly status: "pending";
  readonly load: UnansweredLoad;
  /** The page was just loaded. */
  readonly isFresh: boolean;
  /** The fingerprint of the stored keys at the first render, or before it. */
  baseline: string | undefined;
  isRendered: boolean;
  /** An error that asking again will not change. */
  failure?: StashError;
}

/** A load that is tried again until the store answers (see `PersistentLoad`). */
export interface UnansweredLoad {
  readonly id: StashId;
  readonly answer: LoadOutcome | undefined;
  /** The reason why the last try had no answer. */
  readonly lastError: StashError | undefined;
  /** Tries once more. Returns the answer, `undefined` if the store has not answered. */
  ask(): MaybePromise<LoadOutcome | undefined>;
  /** Stops trying. A stash that a late answer takes over gets its final deadline. */
  abandon(): void;
}

/** A state that the store returned, in the current shape. */
export interface RecoveredState {
  readonly values: Readonly<Record<string, unknown>>;
  readonly savedAtMs: number;
  /** The fingerprint of the stored state; `undefined` if `values` differ from it, as after a migration. */
  readonly fingerprint: string | undefined;
  /** The version before the migration, `null` if the state had none. */
  readonly migratedFrom?: string | number | null;
}

/** The work that runs for all views of one adapter (see `background/`). */
export interface Background {
  /** `undefined` if the adapter does not need it. */
  readonly keepAlive: { add(view: StashedView): void; remove(view: StashedView): void } | undefined;
  readonly storeRetries: { add(view: StashedView, retry: Retry): void };
  /** Names of views that stash without recovering, of which a warning was printed. */
  readonly viewsWarnedOf: Set<string>;
  readonly finalDeadlines: { add(view: StashedView, request: KeepAliveRequest): Promise<void> };
}

/** A store operation of a view that failed, to be tried again in the background. */
export interface Retry {
  /** Whether the view still needs the operation. */
  isNeeded(view: StashedView): boolean;
  /** Tries again. Resolves with whether the store answered. */
  run(view: StashedView): Promise<boolean>;
}

/** The recovery of a view whose store has answered, or had nothing to answer. */
export const SETTLED: Recovery = { status: "settled" };
const NOT_STARTED: Recovery = { status: "not_started" };

export function createStashedView(
  host: StashHost,
  settings: Settings,
  background: Background,
): StashedView {
  return {
    host,
    settings,
    background,
    owner: settings.nextOwner(host.connectParams),
    scope: undefined,
    ownedStash: undefined,
    announced: undefined,
    recovery: NOT_STARTED,
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
    lastOperation: undefined,
    operationCount: 0,
  };
}

/**
 * Runs the operations of one view one after the other, in the order of the calls. Starts the first one
 * at once.
 */
export function runSerially<Input, Result>(
  view: StashedView,
  operate: (view: StashedView, input: Input) => Promise<Result>,
  input: Input,
): Promise<Result> {
  const operation = runAfterLast(view, operate, input);
  view.lastOperation = operation;
  return operation;
}

async function runAfterLast<Input, Result>(
  view: StashedView,
  operate: (view: StashedView, input: Input) => Promise<Result>,
  input: Input,
): Promise<Result> {
  view.operationCount += 1;
  const number = view.operationCount;
  // The caller of the last operation handles its rejection.
  if (view.lastOperation !== undefined) await view.lastOperation.catch(() => undefined);
  try {
    return await operate(view, input);
  } finally {
    if (view.operationCount === number) view.lastOperation = undefined;
  }
}

/** The scope of a view's tokens. Throws `invalid_option` if the session lacks the value to bind to. */
export function scopeOf(view: StashedView): TokenScope {
  const { host, settings } = view;
  view.scope ??= {
    adapter: settings.adapter.name,
    view: host.view.name,
    session: sessionScope(host.session, settings.sessionKey),
  };
  return view.scope;
}
