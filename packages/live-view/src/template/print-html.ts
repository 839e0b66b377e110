import { LiveViewError } from "../errors.ts";
import { Attributes } from "./attributes.ts";
import { escapeHtml, RawHtml } from "./escape-html.ts";
import { JsCommands } from "./js-commands.ts";
import { printAttribute, printAttributeValue } from "./print-attribute.ts";
import type { Hole } from "./shape.ts";
import { describeValue } from "./template-errors.ts";
import { checkKeys, List, settledValue, Template } from "./template.ts";

/**
 * Prints a template as HTML, exactly as the client prints it from the tree of a join.
 * @throws LiveViewError `invalid_value` if a value cannot be printed in its place, `duplicate_key`
 * if two items of a keyed list have the same key.
 */
export function printHtml(template: Template): string {
  const { statics, holes } = template.shape;
  let printed = statics[0] ?? "";
  holes.forEach((hole, index) => {
    printed += printContent(hole, contentOf(hole, settledValue(template, index)));
    printed += statics[index + 1] ?? "";
  });
  return printed;
}

function printContent(hole: Hole, content: Content): string {
  if (typeof content === "string") return content;
  if (!(content instanceof List)) return printHtml(content);
  checkKeys(content, hole.near);
  let printed = "";
  for (const entry of content.entries) printed += printContent(hole, contentOf(hole, entry));
  return printed;
}

/** The printed form of a value: escaped HTML, a nested template, or a list that is not empty. */
export type Content = string | Template | List;

/** Turns the value of a hole into its printed form. Nested templates and lists stay as they are. */
export function contentOf(hole: Hole, value: unknown): Content {
  const { place, near } = hole;
  switch (place.kind) {
    case "text":
      return textContent(value, near);
    case "plain-text":
      return plainText(value, near);
    case "attribute":
      return printAttribute(place.name, value, near);
    case "attribute-value":
      return printAttributeValue(place, value, near);
    case "composed-url":
      return String(value);
    case "attributes":
      return spread(value, near);
  }
}

function textContent(value: unknown, near: string): Content {
  if (typeof value === "string") return escapeHtml(value);
  if (value instanceof Template) return value;
  if (value instanceof List) return value.entries.length === 0 ? "" : value;
  if (value instanceof RawHtml) return value.html;
  return scalarText(value) ?? refuse(near, "text, a template, a list or rawHtml", value);
}

/** Returns the text of a scalar other than a string, or `undefined` for any other value. */
function scalarText(value: unknown): string | undefined {
  switch (typeof value) {
    case "number":
    case "bigint":
      return String(value);
    case "undefined":
    case "boolean":
      return "";
    default:
      return value === null ? "" : undefined;
  }
}

function plainText(value: unknown, near: string): string {
  const text = typeof value === "string" ? value : scalarText(value);
  if (text === undefined) return refuse(near, "text, because tags have no meaning here", value);
  return escapeHtml(text);
}

function spread(value: unknown, near: string): string {
  if (value instanceof Attributes) return value.html;
  if (value === null || value === undefined || value === false) return "";
  return refuse(near, "attrs(…) or a link, to print attributes", value);
}

function refuse(near: string, expected: string, value: unknown): never {
  throw new LiveViewError(
    "invalid_value",
    `Printing a template at \`${near}\`: expected ${expected}, found ${found(value)}.`,
  );
}

function found(value: unknown): string {
  if (value instanceof JsCommands) return "js commands: put them into an attribute";
  if (value instanceof Attributes) return "attrs(…): put them into a tag, after a space";
  if (value instanceof Template) return "a template";
  if (value instanceof List) return "a list";
  if (value instanceof RawHtml) return "rawHtml";
  return describeValue(value);
}
