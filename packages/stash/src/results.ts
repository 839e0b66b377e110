import type { StashError } from "./errors.ts";

/** What became of a `stash()`. */
export type StashResult =
  /** The store has it. `bytes` is the size of the stored record. */
  | { readonly status: "saved"; readonly bytes: number }
  /** The stored keys hold what is stored already: nothing was written. */
  | { readonly status: "unchanged" }
  /** Another view has taken the stash over, or this view's page has left: nothing was written. */
  | { readonly status: "superseded" }
  /** The page is rendered over plain HTTP: nothing is stashed before the view is connected. */
  | { readonly status: "skipped" }
  /**
   * Not saved. The view may go on. If the store failed, it is tried again in the background until the
   * store has it or the next `stash()` takes its place.
   */
  | { readonly status: "error"; readonly error: StashError };

/** Why `recoverState()` could not use what the browser held. */
export type RecoverErrorReason =
  /** Not a string that this application gave to this view in this session. The store was not asked. */
  | "reference_rejected"
  /** The state has another `version`, and `migrate` is missing or discarded it. It was deleted. */
  | "version_mismatch"
  /** The stored bytes are not a record that this release reads. */
  | "unreadable"
  /** The `schema` did not accept the state, threw, or did not settle within `timeoutMs`. */
  | "schema_rejected"
  /** `migrate` threw, or did not settle within `timeoutMs`. */
  | "migration_failed"
  /** The store gave an answer that the adapter cannot use. */
  | "adapter_failed"
  /** Views that recovered this state crashed again and again: it is no longer offered. */
  | "set_aside";

/** What `recoverState()` found. */
export type RecoverResult =
  /** A fresh page: there is nothing to recover. */
  | { readonly status: "new" }
  /** The state of the page's previous view was assigned, and this view owns its stash now. */
  | {
      readonly status: "recovered";
      /** How long ago it was saved, in ms. */
      readonly ageMs: number;
      /** When it was saved, in ms since the epoch. */
      readonly savedAtMs: number;
      /** The stored keys that were assigned. */
      readonly restored: readonly string[];
      /** Set if `migrate` ran: the version it started from, `null` if the state had none. */
      readonly migratedFrom?: string | number | null;
    }
  /**
   * The browser held nothing, or there is no stash (nothing was stashed yet, or it has expired or was
   * evicted), or a later view of the page has it: this one was replaced before it came.
   */
  | { readonly status: "not_found"; readonly reason: "nothing_held" | "absent" | "superseded" }
  /**
   * The store has not answered. With `whenUnavailable: "rejoin"` this view has ended, and its page joins
   * again; else the view goes on with its defaults until the store answers (see `onLateRecovery`).
   */
  | { readonly status: "pending"; readonly error?: StashError }
  /** Something was held but could not be used: go on as if the page were fresh. */
  | {
      readonly status: "error";
      readonly reason: RecoverErrorReason;
      readonly error?: StashError;
    };

/** What a recovery came to that settled after `recoverState()` had answered `pending`. */
export type LateRecoverResult =
  | Exclude<RecoverResult, { readonly status: "pending" | "new" }>
  /**
   * The stored keys are not what the first render showed any more. `recoverState()` takes the state,
   * `resetStash()` deletes it.
   */
  | { readonly status: "kept_aside"; readonly savedAtMs: number }
  /** With `autoStash`, and without `"continue"`: a reloaded page was changed meanwhile, and is saved. */
  | { readonly status: "replaced"; readonly savedAtMs: number };

/**
 * The event that tells the browser how a late recovery goes, as `phx:live-stash:recovery` on `window`:
 * `{ v, status }` with the id of the view's container, and `pending` or the status of the result.
 */
export const RECOVERY_EVENT = "live-stash:recovery";

/** What became of a `resetStash()`. */
export type ResetResult =
  /** The stash is deleted. */
  | { readonly status: "reset" }
  /** This view had none. */
  | { readonly status: "nothing" }
  /** Another view has taken the stash over, or this view has ended: nothing was deleted. */
  | { readonly status: "superseded" }
  /** Perhaps not deleted; the browser's string was left alone. */
  | { readonly status: "error"; readonly error: StashError };
