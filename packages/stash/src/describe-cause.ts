import type { StashError } from "./errors.ts";

const MAX_CHARACTERS = 200;

/**
 * Describes a thrown value in one line of at most 200 characters, for a log. Never throws. With `hidden`,
 * returns only the name of an error, because its message may quote the state.
 */
export function describeCause(cause: unknown, message: "shown" | "hidden" = "shown"): string {
  try {
    if (!(cause instanceof Error)) {
      return message === "shown" ? oneLine(String(cause)) : `a ${typeof cause}`;
    }
    const name = oneLine(cause.name) || "Error";
    if (message === "hidden") return name;
    // For a host with several addresses, Node.js throws one error for all, with an empty message.
    const first: unknown = cause instanceof AggregateError ? cause.errors[0] : undefined;
    const text = cause.message || (first instanceof Error ? first.message : "");
    return text === "" ? name : oneLine(`${name}: ${text}`);
  } catch {
    return "an error that cannot be printed";
  }
}

/**
 * Returns the error's message and its cause's, in one line. The message of a schema or of migrate() may quote
 * the state, which must not appear in a production log: only its name is included there.
 */
export function messageWithCause({ code, message, cause }: StashError): string {
  if (cause === undefined) return message;
  const isOfStore = code.startsWith("adapter_");
  return `${message} Cause: ${describeCause(cause, isOfStore || isDevelopment() ? "shown" : "hidden")}`;
}

/** Makes untrusted text safe for one line of a log: bounded, without line breaks and escape codes. */
function oneLine(text: string): string {
  // Cut before replacing, so that the cost is bounded too.
  const start = text.slice(0, MAX_CHARACTERS + 1).replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ");
  return start.length > MAX_CHARACTERS ? `${start.slice(0, MAX_CHARACTERS - 1)}…` : start;
}

/** Whether this is not production: logs may then quote state that a schema or migrate() rejected. */
export function isDevelopment(): boolean {
  return process.env["NODE_ENV"] !== "production";
}
