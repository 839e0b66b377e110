import { StashError } from "live-stash";

/** What the scripts answer for one stash. */
const DONE = 1;
const ABSENT = 0;
const NOT_OWNER = -1;

/** The outcome that a script's number stands for. Rejects with `adapter_unavailable` any other reply. */
export function stashOutcome<Done extends string>(
  operation: string,
  reply: unknown,
  done: Done,
): Done | "absent" | "not_owner" {
  // A client may be set up to give numbers as strings.
  switch (Number(reply)) {
    case DONE:
      return done;
    case ABSENT:
      return "absent";
    case NOT_OWNER:
      return "not_owner";
    default:
      throw unexpectedReply(operation);
  }
}

export function unexpectedReply(operation: string): StashError {
  return new StashError(
    "adapter_unavailable",
    `${operation} of the stash adapter "redis" failed: expected a reply of its script, found another. ` +
      "Check that it is a Redis or Valkey, and that the client's options do not transform replies.",
  );
}
