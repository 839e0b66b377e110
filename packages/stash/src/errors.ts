/** Every code that a `StashError` can carry. */
export type StashErrorCode =
  /** An option is wrong: what was expected, what was found and what to do stand in the message. */
  | "invalid_option"
  /** No secret in production. */
  | "missing_secret"
  /** The socket's view does not `use` `liveStash()`. */
  | "not_a_stash_view"
  /** A stored assign holds something that is not data: the message names the path. */
  | "unsupported_value"
  /** The state is larger than allowed: the message names the largest keys. */
  | "state_too_large"
  /** Bytes that are not a record of a known format. */
  | "unreadable_record"
  /** The adapter's store is full. */
  | "adapter_full"
  /** The adapter's store could not be reached or failed. */
  | "adapter_unavailable"
  /** The adapter did not answer in time. */
  | "adapter_timeout"
  /** The adapter was closed. */
  | "adapter_closed"
  /**
   * Nothing was stashed: the store has not said yet what the page's earlier view had stashed, and this
   * would take its place.
   */
  | "recovery_pending"
  /** A state came back after the view had begun without it and the page had changed. It is kept. */
  | "recovery_kept_aside"
  /** A state is no longer offered, as views that recovered it crashed again and again. */
  | "recovery_set_aside"
  /** A value of the application threw when it was read. The message names no cause: see `cause`. */
  | "unexpected_error"
  /** `reconcile` threw, or did not settle in time. */
  | "reconcile_failed"
  /** `migrate` threw, or did not settle in time. */
  | "migration_failed"
  /** The schema's validator threw, or did not settle in time. */
  | "schema_failed";

/** An error of live-stash. Its message never holds state, secrets or what a browser holds. */
export class StashError extends Error {
  override readonly name = "StashError";
  readonly code: StashErrorCode;

  constructor(code: StashErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The error for bytes that no release of this codec wrote. Never shows the bytes. */
export function unreadable(expected: string, cause?: unknown): StashError {
  return new StashError(
    "unreadable_record",
    `Cannot read a stash record: expected ${expected}, found something else. It was damaged, or ` +
      "written by another program or a newer release; it is ignored.",
    cause === undefined ? undefined : { cause },
  );
}
