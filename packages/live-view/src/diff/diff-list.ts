import type { WireComprehension, WireDynamics, WireEntries } from "@live-stash/wire";
import type { List, ListKey } from "../template/template.ts";

/** How entries of the next list are written, by their position. */
export interface EntryEncoder {
  /** The whole entry. */
  full(position: number): WireDynamics;
  /** Its difference to the entry that was at `from`, or `undefined` if there is none. */
  diff(from: number, position: number): WireDynamics | undefined;
  /** Throws if a key of the next list occurs twice. */
  readonly checkKeys: () => void;
}

/** Whether the entries of one list can be compared with those of the other. */
export function areListsAlike(previous: List, next: List): boolean {
  return (
    previous.entryShape === next.entryShape &&
    (previous.keys === undefined) === (next.keys === undefined)
  );
}

/**
 * The changes that lead from one list to the other, or `undefined` if there are none. Each entry
 * is compared with the one of the same key, wherever that was.
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

/** Finds where an entry was. Looks at its new position first, where most entries stay. */
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
      // A new key, or one that was taken before: the previous list's keys are known to differ.
      checkKeys();
      areChecked = true;
    }
    moved.delete(key);
    return from;
  };
}

/** Where the keys were that are not at their position any more. */
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
