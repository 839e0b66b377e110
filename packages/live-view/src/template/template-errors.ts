import { LiveViewError } from "../errors.ts";

const MAX_EXCERPT_LENGTH = 60;

/** The end of some static text, on one line. */
function excerpt(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length > MAX_EXCERPT_LENGTH ? `…${line.slice(-MAX_EXCERPT_LENGTH)}` : line;
}

/** Shows in messages where a value stands: behind which static text. */
export function excerptBefore(piece: string): string {
  return `${excerpt(piece)}\${…}`;
}

/** The error of a value that stands where none can. */
export function misplacedValue(position: number, piece: string, found: string): LiveViewError {
  return new LiveViewError(
    "invalid_template",
    `Compiling an html template: expected value ${position} between tags or as an attribute's ` +
      `value, found it ${found}, in \`${excerptBefore(piece)}\`.`,
  );
}

/** The error of a template that ends within a tag or an element of text. */
export function unfinishedTemplate(lastPiece: string, found: string): LiveViewError {
  return new LiveViewError(
    "invalid_template",
    `Compiling an html template: expected it to end between tags, found a ${found}, in ` +
      `\`${excerpt(lastPiece)}\`. Close it in the same template.`,
  );
}

/** Says what a value is, and what to do instead of printing it, without showing its content. */
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
