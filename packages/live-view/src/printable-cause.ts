import { cutText } from "./bounded-text.ts";

/** Longest message of a cause in the log, in UTF-16 units: messages quote what a client sent. */
const MAX_MESSAGE_LENGTH = 2000;
/** Longest stack: it begins with the message, and Node.js keeps 10 frames. */
const MAX_STACK_LENGTH = 8000;
/** Causes of causes that are looked at. */
const MAX_DEPTH = 5;

/**
 * The cause as a log can print it: itself, unless its texts are too long or cannot be read. Then it
 * is a copy with its name, message, code, stack and cause.
 */
export function printableCause(cause: unknown): unknown {
  try {
    return bounded(cause, 0);
  } catch {
    return "a value that throws when it is read";
  }
}

function bounded(cause: unknown, depth: number): unknown {
  if (typeof cause === "string") return cutText(cause, MAX_MESSAGE_LENGTH);
  if (typeof cause === "symbol") return String(cause);
  if (!(cause instanceof Error)) return cause;
  // Whatever the types say, anybody may assign anything to these.
  const { name, message, stack }: Record<"name" | "message" | "stack", unknown> = {
    name: cause.name,
    message: cause.message,
    stack: cause.stack,
  };
  const inner = depth < MAX_DEPTH ? bounded(cause.cause, depth + 1) : undefined;
  const isFit =
    typeof message === "string" &&
    message.length <= MAX_MESSAGE_LENGTH &&
    (stack === undefined || (typeof stack === "string" && stack.length <= MAX_STACK_LENGTH)) &&
    inner === cause.cause;
  if (isFit) return cause;
  const copy = new Error(cutText(String(message), MAX_MESSAGE_LENGTH));
  if (inner !== undefined) copy.cause = inner;
  const code: unknown = "code" in cause ? cause.code : undefined;
  Object.defineProperty(copy, "name", { value: cutText(String(name), 100), configurable: true });
  if (code !== undefined) Object.assign(copy, { code });
  Object.defineProperty(copy, "stack", {
    value: cutText(String(stack), MAX_STACK_LENGTH),
    configurable: true,
  });
  return copy;
}
