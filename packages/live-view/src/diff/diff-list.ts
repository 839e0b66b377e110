import type { WireComprehension, WireDynamics, WireEntries } from "@live-stash/wire";
import type { List, ListKey } from "../template/list.ts";

/** How entries of a list are written: whole, or as their difference (`undefined` if none). */
export interface EntryEncoder {
  full(entry: unknown): WireDynamics;
  diff(previous: unknown, next: unknown): WireDynamics | undefined;
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
  const positionOf = positionsIn(previous);
  let isChanged = previous.entries.length !== next.entries.length;
  let isMoved = false;
  next.entries.forEach((entry, position) => {
    const from = positionOf(next.keys?.[position] ?? position, position);
    if (from === undefined) {
      entries[position] = encoder.full(entry);
    } else {
      const change = encoder.diff(previous.entries[from], entry);
      if (from !== position) {
        entries[position] = change === undefined ? from : [from, change];
        isMoved = true;
      } else if (change === undefined) {
        return;
      } else {
        entries[position] = change;
      }
    }
    isChanged = true;
  });
  if (isMoved) entries.km = true;
  return isChanged ? { k: entries } : undefined;
}

/** Finds where an entry was. Looks at its new position first, where most entries stay. */
function positionsIn(list: List): (key: ListKey, position: number) => number | undefined {
  const { keys, entries } = list;
  if (keys === undefined) {
    return (_key, position) => (position < entries.length ? position : undefined);
  }
  let positions: Map<ListKey, number> | undefined;
  return (key, position) => {
    if (keys[position] === key) return position;
    positions ??= new Map(keys.map((known, index) => [known, index]));
    return positions.get(key);
  };
}
