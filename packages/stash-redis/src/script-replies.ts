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
  switch (numberOf(reply)) {
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

export function isDone(reply: unknown): boolean {
  return numberOf(reply) === DONE;
}

/** The number in a reply, which a client may be set up to give as text; `undefined` for anything else. */
function numberOf(reply: unknown): number | undefined {
  if (typeof reply === "number") return reply;
  const isText = typeof reply === "string" || typeof reply === "bigint" || Buffer.isBuffer(reply);
  const text = isText ? String(reply) : "";
  return /^-?\d+$/.test(text) ? Number(text) : undefined;
}

export function unexpectedReply(operation: string): StashError {
  return new StashError(
    "adapter_unavailable",
    `${operation} of the stash adapter "redis" failed: expected a reply of its script, found another. ` +
      "Check that it is a Redis or Valkey, and that the client's options do not transform replies.",
  );
}
