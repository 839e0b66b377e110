import { LiveViewError } from "../errors.ts";

/** The longest excerpt of a template in a message, in characters: one line of a terminal. */
const MAX_EXCERPT_LENGTH = 60;

/** Returns the end of some static text, on one line. */
function excerpt(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length > MAX_EXCERPT_LENGTH ? `…${line.slice(-MAX_EXCERPT_LENGTH)}` : line;
}

/** Locates a value for messages by the end of the static text in front of the value. */
export function excerptBefore(piece: string): string {
  return `${excerpt(piece)}\${…}`;
}

/** Creates the error for a value in a place where none can stand. */
export function misplacedValue(position: number, piece: string, found: string): LiveViewError {
  return new LiveViewError(
    "invalid_template",
    `Compiling an html template: expected value ${position} between tags or as an attribute's ` +
      `value, found it ${found}, in \`${excerptBefore(piece)}\`.`,
  );
}

/** Creates the error for a template that ends within a tag, a `<textarea>` or a `<title>`. */
export function unfinishedTemplate(lastPiece: string, found: string): LiveViewError {
  return new LiveViewError(
    "invalid_template",
    `Compiling an html template: expected it to end between tags, found a ${found}, in ` +
      `\`${excerpt(lastPiece)}\`. Close it in the same template.`,
  );
}

/** Describes a value by its type, without its content, and advises how to print it. */
export function describeValue(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  switch (typeof value) {
    case "function":
      return "a function: call it, or print its result";
    case "symbol":
      return "a symbol: print its description";
    case "object":
      return describeObject(value);
    default:
      return `a ${typeof value}`;
  }
}

function describeObject(value: object): string {
  if (value instanceof Promise) return "a Promise: await it in the handler and assign its result";
  if (value instanceof Date) return "a Date: format it, for instance with toLocaleString(locale)";
  const name = (value.constructor as { name?: unknown } | undefined)?.name;
  return typeof name === "string" && name !== "Object"
    ? `an instance of ${name}: print one of its properties`
    : "an object: print one of its properties";
}
