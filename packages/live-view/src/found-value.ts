import { cutText, quoteText } from "./bounded-text.ts";
import { LiveViewError } from "./errors.ts";

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
