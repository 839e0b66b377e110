import type { StashError } from "./errors.ts";

/** The result of `stash()`. */
export type StashResult =
  /** The store has the state. `bytes` is the size of the stored record. */
  | { readonly status: "saved"; readonly bytes: number }
  /** The store has these values already: nothing was written. */
  | { readonly status: "unchanged" }
  /** Another view has taken the stash over, or this view's page has left: nothing was written. */
  | { readonly status: "superseded" }
  /** The page is being rendered over plain HTTP: a view stashes only once it is connected. */
  | { readonly status: "skipped" }
  /**
   * Not saved. The view may continue. If the store failed, the save is retried in the background until it
   * succeeds or the next `stash()` replaces it.
   */
  | { readonly status: "error"; readonly error: StashError };

/** The reason why `recoverState()` could not use the browser's token. */
export type RecoverErrorReason =
  /** The token was not issued by this application for this view and session. The store was not asked. */
  | "reference_rejected"
  /** The state has another `version`, and `migrate` is missing or returned `undefined`. It was deleted. */
  | "version_mismatch"
  /** The stored bytes are not a record that this release reads. */
  | "unreadable"
  /** The `schema` did not accept the state, threw, or did not settle within `timeoutMs`. */
  | "schema_rejected"
  /** `migrate` threw, or did not settle within `timeoutMs`. */
  | "migration_failed"
  /** The adapter failed with an error that asking again will not change. */
  | "adapter_failed"
  /** Views that recovered this state crashed repeatedly: it is no longer recovered. */
  | "set_aside";

/** The result of `recoverState()`. */
export type RecoverResult =
  /** The page is new: there is nothing to recover. */
  | { readonly status: "new" }
  /** The state of the page's previous view was assigned, and this view owns its stash now. */
  | {
      readonly status: "recovered";
      /** Time since the save, in ms. */
      readonly ageMs: number;
      /** Time of the save, in ms since the epoch. */
      readonly savedAtMs: number;
      /** The stored keys that were assigned. */
      readonly restored: readonly string[];
      /** Set if `migrate` ran: the version of the stored state, `null` if it had none. */
      readonly migratedFrom?: string | number | null;
    }
  /**
   * The browser had no token (`nothing_held`), or the stash does not exist (never saved, expired or
   * evicted), or a later view of the page owns it: this view had already been replaced.
   */
  | { readonly status: "not_found"; readonly reason: "nothing_held" | "absent" | "superseded" }
  /**
   * The store has not answered. With `whenUnavailable: "rejoin"` this view has ended, and its page joins
   * again; else the view continues with its defaults until the store answers (see `onLateRecovery`).
   */
  | { readonly status: "pending"; readonly error?: StashError }
  /** The token or its state could not be used: continue as on a new page. */
  | {
      readonly status: "error";
      readonly reason: RecoverErrorReason;
      readonly error?: StashError;
    };

/** The result of a recovery that settled after `recoverState()` had returned `pending`. */
export type LateRecoverResult =
  | Exclude<RecoverResult, { readonly status: "pending" | "new" }>
  /**
   * The stored keys have changed since the first render. `recoverState()` assigns the state,
   * `resetStash()` deletes it.
   */
  | { readonly status: "kept_aside"; readonly savedAtMs: number }
  /** With `autoStash`, without `"continue"`: a reloaded page was changed meanwhile, and its state is saved. */
  | { readonly status: "replaced"; readonly savedAtMs: number };

/**
 * The event that notifies the browser of a late recovery, as `phx:live-stash:recovery` on `window`:
 * `{ v, status }` with the id of the view's container, and `pending` or the status of the result.
 */
export const RECOVERY_EVENT = "live-stash:recovery";

/** The result of `resetStash()`. */
export type ResetResult =
  /** The stash is deleted. */
  | { readonly status: "reset" }
  /** This view had no stash. */
  | { readonly status: "nothing" }
  /** Another view has taken the stash over, or this view has ended: nothing was deleted. */
  | { readonly status: "superseded" }
  /** The stash may not have been deleted. The browser keeps its token. */
  | { readonly status: "error"; readonly error: StashError };
