import type { StashError } from "./errors.ts";

const MAX_CHARACTERS = 200;

/**
 * Describes a thrown value in one line of at most 200 characters, for a log. Never throws, whatever
 * was thrown. Without its message (`hidden`), as that may quote the state, only its name is given.
 */
export function describeCause(cause: unknown, message: "shown" | "hidden" = "shown"): string {
  try {
    if (!(cause instanceof Error)) {
      return message === "shown" ? oneLine(String(cause)) : `a ${typeof cause}`;
    }
    const name = oneLine(cause.name) || "Error";
    if (message === "hidden") return name;
    // Where a host has several addresses, Node.js throws one error for all, with an empty message.
    const first: unknown = cause instanceof AggregateError ? cause.errors[0] : undefined;
    const said = cause.message || (first instanceof Error ? first.message : "");
    return said === "" ? name : oneLine(`${name}: ${said}`);
  } catch {
    return "an error that cannot be printed";
  }
}

/**
 * The error's message and its cause's, in one line. Errors of schemas and of migrate() may quote the
 * state, which no log of production holds: of those it has the name.
 */
export function messageWithCause({ code, message, cause }: StashError): string {
  if (cause === undefined) return message;
  const isOfStore = code.startsWith("adapter_");
  return `${message} Cause: ${describeCause(cause, isOfStore || isDevelopment() ? "shown" : "hidden")}`;
}

/** Puts text from outside into a line of a log: no line breaks or escape codes, bounded. */
function oneLine(text: string): string {
  // Cut first: what follows must not be paid for.
  const start = text.slice(0, MAX_CHARACTERS + 1).replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ");
  return start.length > MAX_CHARACTERS ? `${start.slice(0, MAX_CHARACTERS - 1)}…` : start;
}

/** The outside of production, where logs may quote the state that a schema or migrate() refused. */
export function isDevelopment(): boolean {
  return process.env["NODE_ENV"] !== "production";
}
