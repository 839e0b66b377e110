import { LiveViewError } from "../errors.ts";
import { isCommandAttribute, isTrueFalseAttribute, isUrlAttribute } from "./attribute-kinds.ts";
import { escapeHtml } from "./escape-html.ts";
import { JsCommands } from "./js-commands.ts";
import { safeUrl } from "./safe-url.ts";
import type { AttributeValuePlace } from "./shape.ts";
import { describeValue } from "./template-errors.ts";

/** The types that the whole value of an attribute may have. */
export type AttributeValue = string | number | bigint | boolean | JsCommands | null | undefined;

/** Prints an attribute with a space in front, or nothing if its value leaves the attribute out. */
export function printAttribute(name: string, value: unknown, near: string): string {
  const text = wholeText(name, value, near);
  if (text === undefined) return "";
  const safe = value instanceof JsCommands ? text : checked(name, text, near);
  return ` ${name}="${escapeHtml(safe)}"`;
}

/** Prints a value between the quotes of an attribute. */
export function printAttributeValue(
  { name, leads, sole, startsUrl }: AttributeValuePlace,
  value: unknown,
  near: string,
): string {
  if (name === "id" && (value === null || value === undefined || typeof value === "boolean")) {
    return refuse(near, "an id, as text or a number", String(value));
  }
  if (!sole) {
    const text = attributeText(value, near);
    // The text behind this value could complete commands that begin here.
    const isChecked = startsUrl || (leads && isCommandAttribute(name));
    return escapeHtml(isChecked ? checked(name, text, near) : text);
  }
  if (value instanceof JsCommands) return escapeHtml(value.toString());
  if (typeof value === "boolean" && isTrueFalseAttribute(name)) return String(value);
  const text = attributeText(value, near);
  return escapeHtml(startsUrl || isCommandAttribute(name) ? checked(name, text, near) : text);
}

/**
 * Returns the text of a value that stands in quotes beside other text. null, undefined and false
 * are the empty text.
 */
export function attributeText(value: unknown, near: string): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  if (value === null || value === undefined || value === false) return "";
  if (value === true) {
    return refuse(
      near,
      "text",
      "true: write name=${value} without quotes for an attribute that is present or absent, or " +
        "String(value) for the word",
    );
  }
  if (value instanceof JsCommands) {
    return refuse(near, "text", "js commands: they must be the whole value of the attribute");
  }
  return refuse(near, "text or a number", describeValue(value));
}

/** Returns the text of an attribute's whole value, or `undefined` to leave the attribute out. */
function wholeText(name: string, value: unknown, near: string): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === "boolean") {
    if (isTrueFalseAttribute(name)) return String(value);
    return value ? "" : undefined;
  }
  if (value instanceof JsCommands) return value.toString();
  return attributeText(value, near);
}

/** Blocks a URL that runs as a script, and refuses text that the client would run as commands. */
function checked(name: string, text: string, near: string): string {
  if (isUrlAttribute(name)) return safeUrl(text, name);
  if (isCommandAttribute(name) && text.startsWith("[")) {
    return refuse(near, "an event's name or js commands", "text that starts with `[`, which runs");
  }
  return text;
}

function refuse(near: string, expected: string, found: string): never {
  throw new LiveViewError(
    "invalid_value",
    `Printing an attribute at \`${near}\`: expected ${expected}, found ${found}.`,
  );
}
