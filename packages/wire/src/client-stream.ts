import type { WireStream } from "./tree.ts";

/** An item of a stream, which only the browser's document stores. */
export interface StreamItem<Content> {
  readonly id: string;
  readonly content: Content;
}

/**
 * Applies a stream diff to items as the official client does to elements: resets, deletes, updates
 * present items in place, and inserts the others.
 * @param rendered The items of the diff, in order.
 */
export function applyStream<Content>(
  items: readonly StreamItem<Content>[],
  [, inserts, deleteIds, reset]: WireStream,
  rendered: readonly StreamItem<Content>[],
): readonly StreamItem<Content>[] {
  const known = new Set(items.map(({ id }) => id));
  const deleted = new Set(reset === undefined ? deleteIds : known);
  let result = items.filter(({ id }) => !deleted.has(id));
  for (const item of rendered) {
    const index = result.findIndex(({ id }) => id === item.id);
    if (index !== -1) {
      result[index] = item;
      continue;
    }
    const [, at, limit, updateOnly] = inserts.find(([id]) => id === item.id) ?? [item.id, -1, null];
    if (updateOnly === true && !known.has(item.id)) continue;
    result.splice(at === -1 ? result.length : at, 0, item);
    if (limit !== null) result = limit < 0 ? result.slice(limit) : result.slice(0, limit);
  }
  return result;
}

/** Returns the `id` of the first element of some HTML; an empty string if the element has none. */
export function idOfElement(html: string): string {
  return /^\s*<[^\s/>]+(?:\s+(?!id=)[^\s=>]+(?:="[^"]*")?)*\s+id="([^"]*)"/.exec(html)?.[1] ?? "";
}
