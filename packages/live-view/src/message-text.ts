/** Longest line in the log, in UTF-16 units: a client may choose parts of a line, such as an event's name. */
const MAX_LINE_LENGTH = 1000;
/** Longest text of one value in a message, in UTF-16 units: enough to recognize the value. */
const MAX_VALUE_LENGTH = 80;
/** Longest JSON of an object in a message, in UTF-16 units. */
const MAX_OBJECT_LENGTH = 200;
/** The longest escape that one UTF-16 unit can become, such as `\u2028`. */
const MAX_ESCAPE_LENGTH = 6;

/** Characters that would start a new line, or move a terminal's cursor. */
// oxlint-disable-next-line no-control-regex -- control characters would break a line of the log.
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

/** Cuts text that is longer than `maxLength`, and appends its full length. */
export function cutText(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  return `${text.slice(0, maxLength)}… (${text.length} characters)`;
}

/** Makes text one line of a log: cuts it and escapes control characters. */
export function boundedText(text: string, maxLength = MAX_LINE_LENGTH): string {
  return cutText(text, maxLength).replace(
    CONTROLS,
    (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Quotes a client's text for a message. */
export const quoteText = (text: string): string =>
  boundedText(
    JSON.stringify(cutText(text, MAX_VALUE_LENGTH)),
    MAX_ESCAPE_LENGTH * MAX_VALUE_LENGTH + 100,
  );

/** Describes a value that a caller passed, for an error message. Never throws. */
export function foundValue(value: unknown): string {
  switch (typeof value) {
    case "string":
      return quoteText(value);
    case "bigint":
      return cutText(`${value}n`, MAX_VALUE_LENGTH);
    case "function":
      return "a function";
    case "symbol":
      return "a symbol";
    case "object":
      return value === null ? "null" : foundObject(value);
    default:
      // JSON would turn NaN and Infinity into null.
      return String(value);
  }
}

function foundObject(value: object): string {
  const kind = Array.isArray(value) ? "a list" : "an object";
  try {
    // `toJSON` may return anything. A cycle and a bigint make JSON.stringify throw.
    const text: unknown = JSON.stringify(value);
    return typeof text === "string" ? cutText(text, MAX_OBJECT_LENGTH) : kind;
  } catch {
    return kind;
  }
}
