import { LiveViewError } from "../errors.ts";
import { foundValue } from "../message-text.ts";
import type { Attributes } from "./attributes.ts";
import type { RawHtml } from "./escape-html.ts";
import type { JsCommands } from "./js-commands.ts";
import type { Shape } from "./shape.ts";

/**
 * The values that can stand in a template. Between tags: text and numbers (escaped), templates,
 * lists, `rawHtml`; null, undefined and booleans print nothing. As an attribute's value: text,
 * numbers, booleans and `js` commands. In a tag: `attrs(...)`.
 */
export type HtmlValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | Template
  | List
  | RawHtml
  | Attributes
  | JsCommands
  | readonly HtmlValue[];

/** One evaluation of an `html` template: its shape, and the value of each hole. */
export class Template {
  readonly shape: Shape;
  /** Read through `settledValue`, which replaces arrays; the values never change otherwise. */
  readonly values: unknown[];

  constructor(shape: Shape, values: unknown[]) {
    this.shape = shape;
    this.values = values;
  }
}

/** The identity of an entry in a keyed list. `1` and `"1"` are different keys. */
export type ListKey = string | number;

/** A list of entries to print, each identified by its key, or by its position if there are no keys. */
export class List {
  readonly keys: readonly ListKey[] | undefined;
  readonly entries: readonly unknown[];
  /** The entries, if all are templates of one shape. */
  readonly templates: readonly Template[] | undefined;

  constructor(keys: readonly ListKey[] | undefined, entries: readonly unknown[]) {
    this.keys = keys;
    this.entries = entries;
    this.templates = areOfOneShape(entries) ? entries : undefined;
  }

  /** The shape of every entry, if all are templates of one shape. */
  get entryShape(): Shape | undefined {
    return this.templates?.[0]?.shape;
  }
}

function areOfOneShape(entries: readonly unknown[]): entries is readonly Template[] {
  let shape: Shape | undefined;
  for (const entry of entries) {
    if (!(entry instanceof Template)) return false;
    shape ??= entry.shape;
    if (entry.shape !== shape) return false;
  }
  return true;
}

/** Copies an array of values, so that a later change of the array does not reach the template. */
function listOf(values: readonly unknown[]): List {
  return new List(
    undefined,
    values.map((value) => (Array.isArray(value) ? listOf(value) : value)),
  );
}

/**
 * Prints each item and identifies it by its key. If items move, the server sends only their new
 * order, and the browser keeps their elements (give each element an `id`). Two items with the same
 * key make the render throw `duplicate_key`.
 * @param keyOf Must return a different string or number for each item.
 */
export function keyed<Item>(
  items: Iterable<Item>,
  keyOf: (item: Item, index: number) => ListKey,
  render: (item: Item, index: number) => HtmlValue,
): List {
  const keys: ListKey[] = [];
  const entries: unknown[] = [];
  let index = 0;
  for (const item of items) {
    keys.push(keyOf(item, index));
    const entry = render(item, index);
    entries.push(Array.isArray(entry) ? listOf(entry) : entry);
    index += 1;
  }
  return new List(keys, entries);
}

/**
 * Refuses a list in which a key occurs twice. Called only for lists with new keys, because keys that
 * stayed are known to differ.
 * @throws LiveViewError `duplicate_key`.
 */
export function checkKeys({ keys }: List, near: string): void {
  if (keys === undefined || new Set(keys).size === keys.length) return;
  const twice = keys.find((key, index) => keys.indexOf(key) !== index);
  throw new LiveViewError(
    "duplicate_key",
    `Printing a keyed list at \`${near}\`: expected a different key for each item, found ` +
      `${foundValue(twice)} twice. ` +
      "Let keyOf return what identifies the item, such as its id.",
  );
}

/**
 * Returns the value of a hole as it was when first printed. The first call copies an array, because
 * the application may change the array in place before the next render, which is compared with this
 * one.
 */
export function settledValue({ values }: Template, index: number): unknown {
  const value = values[index];
  if (typeof value !== "object" || !Array.isArray(value)) return value;
  const list = listOf(value);
  values[index] = list;
  return list;
}
