import type { Owner, StashId } from "../store/adapter.ts";
import type { Place } from "./arena.ts";

/** One stash in a memory store, besides its record. */
export interface MemoryEntry {
  readonly id: StashId;
  owner: Owner;
  place: Place;
  byteLength: number;
  /** On the monotonic clock; `Infinity` while the view is connected. */
  deadlineMs: number;
  /** The neighbours in the order of disconnecting; `undefined` while the view is connected. */
  earlier: MemoryEntry | undefined;
  later: MemoryEntry | undefined;
}

/** A stash outside of a store, with its record: it is being transferred from one store to another. */
export interface StashedEntry {
  readonly id: StashId;
  readonly owner: Owner;
  readonly record: Uint8Array;
  /** On the monotonic clock of this process; `Infinity` while the view is connected. */
  readonly deadlineMs: number;
}
