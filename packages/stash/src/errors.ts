/** Every code that a `StashError` can carry. */
export type StashErrorCode =
  /** An option is invalid: the message says what was expected, what was found and what to do. */
  | "invalid_option"
  /** No secret in production. */
  | "missing_secret"
  /** The socket's view does not `use` `liveStash()`. */
  | "not_a_stash_view"
  /** A stored assign contains a value that is not data: the message names the path. */
  | "unsupported_value"
  /** The state is larger than allowed: the message names the largest keys. */
  | "state_too_large"
  /** The stored bytes are not a record of a known format. */
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
   * Nothing was stashed: the state of the page's earlier view has not been recovered yet, and this stash
   * would replace it.
   */
  | "recovery_pending"
  /** A state was recovered after the view had started without it and had changed. It is kept aside. */
  | "recovery_kept_aside"
  /** A state is no longer recovered, because views that recovered it crashed repeatedly. */
  | "recovery_set_aside"
  /** A value of the application threw when it was read (see `cause`). */
  | "unexpected_error"
  /** `reconcile` threw, or did not settle in time. */
  | "reconcile_failed"
  /** `migrate` threw, or did not settle in time. */
  | "migration_failed"
  /** The schema's validator threw, or did not settle in time. */
  | "schema_failed";

/** An error of live-stash. Its message never contains state, secrets or tokens. */
export class StashError extends Error {
  override readonly name = "StashError";
  readonly code: StashErrorCode;

  constructor(code: StashErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Creates the error for bytes that are not a record of a known format. The message never shows them. */
export function unreadable(expected: string, cause?: unknown): StashError {
  return new StashError(
    "unreadable_record",
    `Cannot read a stash record: expected ${expected}, found something else. It was damaged, or ` +
      "written by another program or a newer release; it is ignored.",
    cause === undefined ? undefined : { cause },
  );
}
