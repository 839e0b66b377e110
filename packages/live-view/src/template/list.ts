import { LiveViewError } from "../errors.ts";
import type { Shape } from "./shape.ts";
import { Template, type HtmlValue } from "./template.ts";

/** What tells the entries of a keyed list apart; `1` and `"1"` are different keys. */
export type ListKey = string | number;

const MAX_KEY_LENGTH = 60;

/** A list of entries to print, each known by its key, or by its position where there are none. */
export class List {
  readonly keys: readonly ListKey[] | undefined;
  readonly entries: readonly unknown[];
  /** The shape of every entry, if all are templates of one shape. */
  readonly entryShape: Shape | undefined;

  constructor(keys: readonly ListKey[] | undefined, entries: readonly unknown[]) {
    this.keys = keys;
    this.entries = entries;
    this.entryShape = commonShape(entries);
  }
}

function commonShape(entries: readonly unknown[]): Shape | undefined {
  let shape: Shape | undefined;
  for (const entry of entries) {
    if (!(entry instanceof Template)) return undefined;
    if (shape !== undefined && entry.shape !== shape) return undefined;
    shape = entry.shape;
  }
  return shape;
}

/** Copies an array of values, so that changing it later does not change what was printed. */
export function listOf(values: readonly unknown[]): List {
  return new List(
    undefined,
    values.map((value) => (Array.isArray(value) ? listOf(value) : value)),
  );
}

/**
 * Prints each item and knows it again by its key: when items move, only their new order is sent,
 * and the browser keeps their elements (give these an `id`).
 * @param keyOf Must give a different string or number for each item.
 * @throws LiveViewError `duplicate_key` if two items have the same key.
 */
export function keyed<Item>(
  items: Iterable<Item>,
  keyOf: (item: Item, index: number) => ListKey,
  render: (item: Item, index: number) => HtmlValue,
): List {
  const keys: ListKey[] = [];
  const entries: unknown[] = [];
  const seen = new Set<ListKey>();
  let index = 0;
  for (const item of items) {
    const key = keyOf(item, index);
    if (seen.size === seen.add(key).size) refuseDuplicate(key);
    const entry = render(item, index);
    keys.push(key);
    entries.push(Array.isArray(entry) ? listOf(entry) : entry);
    index += 1;
  }
  return new List(keys, entries);
}

function refuseDuplicate(key: ListKey): never {
  const text = JSON.stringify(key).slice(0, MAX_KEY_LENGTH);
  throw new LiveViewError(
    "duplicate_key",
    `Printing a keyed list: expected a different key for each item, found ${text} twice. ` +
      "Let keyOf return what identifies the item, such as its id.",
  );
}
