import type { Owner, StashId } from "../store/adapter.ts";

/** A stash outside of a store: on its way from one to another. */
export interface StashedEntry {
  readonly id: StashId;
  readonly owner: Owner;
  readonly record: Uint8Array;
  /** On the monotonic clock of this process; `Infinity` while its view is connected. */
  readonly deadlineMs: number;
}
