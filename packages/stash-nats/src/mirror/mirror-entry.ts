import type { OwnerKey } from "../stream/owner-key.ts";
import type { Lease, StashMessage } from "../stream/stash-message.ts";

/** One stash as a mirror knows it. */
export interface MirrorEntry {
  /** The sequence of the last message about it that counts. */
  readonly seq: number;
  /** Empty, as is the record, if it was forgotten or its state is not known. */
  readonly owner: OwnerKey;
  readonly lease: Lease;
  /** As it is stored: encrypted, if records are. */
  readonly record: Uint8Array;
  /** The sequence of its last state. */
  readonly stateSeq: number;
  /** Set if its owner or its record is not known, which servers let go of before this mirror came. */
  readonly unknownUntilMs: number | undefined;
  /** When its last state was stored, in ms since the epoch. */
  readonly stateAtMs: number;
  /** How many messages about it came since its last state, also those that do not count. */
  messagesSince: number;
  /** Those that do not count, since its last state; `undefined` for none, as is usual. */
  uncounted: Uncounted[] | undefined;
}

/** A message that does not count, unless a later one follows it: then it does after all. */
export interface Uncounted {
  readonly seq: number;
  readonly message: StashMessage;
  readonly storedAtMs: number;
}
