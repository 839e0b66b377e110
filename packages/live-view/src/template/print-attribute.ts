import { LiveViewError } from "../errors.ts";
import { isCommandAttribute, isUrlAttribute, isWordAttribute } from "./attribute-kinds.ts";
import { describeValue } from "./template-errors.ts";
import { escapeHtml } from "./escape-html.ts";
import { JsCommands } from "./js-commands.ts";
import { safeUrl } from "./safe-url.ts";

/** What an attribute's whole value may be. */
export type AttributeValue = string | number | bigint | boolean | JsCommands | null | undefined;

function refuse(near: string, expected: string, found: string): never {
  throw new LiveViewError(
    "invalid_value",
    `Printing an attribute at \`${near}\`: expected ${expected}, found ${found}.`,
  );
}

/**
 * The text of a value that stands in quotes beside other text: null, undefined and false are
 * nothing.
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

/** The text of an attribute's whole value, or `undefined` if the attribute is to be absent. */
function wholeText(name: string, value: unknown, near: string): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === "boolean") {
    if (isWordAttribute(name)) return String(value);
    return value ? "" : undefined;
  }
  if (value instanceof JsCommands) return value.toString();
  return attributeText(value, near);
}

function checked(name: string, text: string, near: string): string {
  if (isUrlAttribute(name)) return safeUrl(text, name);
  if (isCommandAttribute(name) && text.startsWith("[")) {
    return refuse(near, "an event's name or js commands", "text that starts with `[`, which runs");
  }
  return text;
}

/** Prints an attribute with a space in front, or nothing if the value says it is absent. */
export function printAttribute(name: string, value: unknown, near: string): string {
  const text = wholeText(name, value, near);
  if (text === undefined) return "";
  const safe = value instanceof JsCommands ? text : checked(name, text, near);
  return ` ${name}="${escapeHtml(safe)}"`;
}

/** Prints a value between the quotes of an attribute. */
export function printAttributeValue(
  place: {
    readonly name: string;
    readonly leads: boolean;
    readonly sole: boolean;
    readonly startsUrl: boolean;
  },
  value: unknown,
  near: string,
): string {
  const { name, leads, sole, startsUrl } = place;
  if (name === "id" && (value === null || value === undefined || typeof value === "boolean")) {
    return refuse(near, "an id, as text or a number", String(value));
  }
  if (!sole) {
    const text = attributeText(value, near);
    // What comes behind could complete the commands that this text begins.
    const isChecked = startsUrl || (leads && isCommandAttribute(name));
    return escapeHtml(isChecked ? checked(name, text, near) : text);
  }
  if (value instanceof JsCommands) return escapeHtml(value.toString());
  if (typeof value === "boolean" && isWordAttribute(name)) return String(value);
  const text = attributeText(value, near);
  return escapeHtml(startsUrl || isCommandAttribute(name) ? checked(name, text, near) : text);
}
