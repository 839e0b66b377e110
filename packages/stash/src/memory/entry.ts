import type { Owner, StashId } from "../store/adapter.ts";
import type { Place } from "./arena.ts";

/** What is known about one stash besides its record. */
export interface MemoryEntry {
  readonly id: StashId;
  owner: Owner;
  place: Place;
  byteLength: number;
  /** On the monotonic clock; `Infinity` while the view is connected. */
  deadlineMs: number;
  /** Neighbours in the order of disconnecting; `undefined` while connected. */
  earlier: MemoryEntry | undefined;
  later: MemoryEntry | undefined;
}

/** A stash outside of a store: on its way from one to another. */
export interface StashedEntry {
  readonly id: StashId;
  readonly owner: Owner;
  readonly record: Uint8Array;
  /** On the monotonic clock of this process; `Infinity` while its view is connected. */
  readonly deadlineMs: number;
}
