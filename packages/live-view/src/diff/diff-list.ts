import type { WireComprehension, WireDynamics, WireEntries } from "@live-stash/wire";
import type { List, ListKey } from "../template/template.ts";

/** Encodes entries of the next list by their position. */
export interface EntryEncoder {
  /** Encodes the whole entry. */
  full(position: number): WireDynamics;
  /** Encodes the changes since the entry was at `from`; `undefined` if there are none. */
  diff(from: number, position: number): WireDynamics | undefined;
  /** Throws if a key of the next list occurs twice. */
  readonly checkKeys: () => void;
}

/** Whether the entries of both lists have one shape, and either keys or none: can be compared. */
export function areListsAlike(previous: List, next: List): boolean {
  return (
    previous.entryShape === next.entryShape &&
    (previous.keys === undefined) === (next.keys === undefined)
  );
}

/**
 * Returns the changes from one list to the next, or `undefined` if there are none. Compares each
 * entry with the previous entry of the same key, wherever that entry was.
 */
export function diffList(
  previous: List,
  next: List,
  encoder: EntryEncoder,
): WireComprehension | undefined {
  const entries: WireEntries = { kc: next.entries.length };
  const positionOf = positionsIn(previous, next, encoder.checkKeys);
  let isChanged = previous.entries.length !== next.entries.length;
  let isMoved = false;
  for (let position = 0; position < next.entries.length; position += 1) {
    const from = positionOf(next.keys?.[position] ?? position, position);
    if (from === undefined) {
      entries[position] = encoder.full(position);
    } else {
      const change = encoder.diff(from, position);
      if (from !== position) {
        entries[position] = change === undefined ? from : [from, change];
        isMoved = true;
      } else if (change === undefined) {
        continue;
      } else {
        entries[position] = change;
      }
    }
    isChanged = true;
  }
  if (isMoved) entries.km = true;
  return isChanged ? { k: entries } : undefined;
}

/** Returns a lookup of previous positions. It tries the new position first: most entries stay. */
function positionsIn(
  previous: List,
  next: List,
  checkKeys: () => void,
): (key: ListKey, position: number) => number | undefined {
  const { keys, entries } = previous;
  if (keys === undefined) {
    return (_key, position) => (position < entries.length ? position : undefined);
  }
  let moved: Map<ListKey, number> | undefined;
  let areChecked = false;
  return (key, position) => {
    if (keys[position] === key) return position;
    moved ??= movedPositions(keys, next.keys ?? []);
    const from = moved.get(key);
    if (from === undefined && !areChecked) {
      // The key is new or occurs twice, because the keys of the previous list are known to differ.
      checkKeys();
      areChecked = true;
    }
    moved.delete(key);
    return from;
  };
}

/** Maps each key that has left its position to that position. */
function movedPositions(
  before: readonly ListKey[],
  after: readonly ListKey[],
): Map<ListKey, number> {
  const positions = new Map<ListKey, number>();
  before.forEach((key, position) => {
    if (after[position] !== key) positions.set(key, position);
  });
  return positions;
}
