import { LiveViewError } from "./errors.ts";

/** Longest line in the log, in UTF-16 units: a client may choose parts of it, such as an event's name. */
const MAX_LINE_LENGTH = 1000;

/** Characters that would begin a line of their own, or move a terminal's cursor. */
// oxlint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

/** Cuts text, and says how much is missing. */
export function cutText(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  return `${text.slice(0, maxLength)}… (${text.length} characters)`;
}

/** Text for one line of a log: bounded, and without characters that begin another line. */
export function boundedText(text: string, maxLength = MAX_LINE_LENGTH): string {
  return cutText(text, maxLength).replace(
    CONTROLS,
    (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A client's text in quotes, as a part of a message. */
export const quoteText = (text: string, maxLength = 80): string =>
  boundedText(JSON.stringify(cutText(text, maxLength)), 6 * maxLength + 100);

/** A value that somebody gave as an option, as a part of a message: "found …". Never throws. */
export function foundValue(value: unknown): string {
  switch (typeof value) {
    case "string":
      return quoteText(value);
    case "bigint":
      return cutText(`${value}n`, 80);
    case "function":
      return "a function";
    case "symbol":
      return "a symbol";
    case "object":
      return value === null ? "null" : foundObject(value);
    default:
      // Not as JSON, in which NaN and Infinity are null.
      return String(value);
  }
}

function foundObject(value: object): string {
  const kind = Array.isArray(value) ? "a list" : "an object";
  try {
    // A function `toJSON` may give anything, and an object with itself or with a bigint throws.
    const text: unknown = JSON.stringify(value);
    return typeof text === "string" ? cutText(text, 200) : kind;
  } catch {
    return kind;
  }
}

/**
 * Refuses options that there are not: a misspelt one would be ignored.
 * @throws LiveViewError `invalid_option`
 */
export function checkOptionNames(
  of: string,
  options: object,
  known: Readonly<Record<string, true>>,
): void {
  for (const option of Object.keys(options)) {
    if (Object.hasOwn(known, option)) continue;
    throw new LiveViewError(
      "invalid_option",
      `${of}: expected options of ${Object.keys(known).join(", ")}, found ${quoteText(option)}. ` +
        "Remove it, or correct its name.",
    );
  }
}
