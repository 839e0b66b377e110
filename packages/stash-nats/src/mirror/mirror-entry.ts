import type { OwnerKey } from "../stream/owner-key.ts";
import type { Lease } from "../stream/stash-message.ts";

/** One stash as a mirror knows it. */
export interface MirrorEntry {
  /** The sequence of the last message about it. */
  readonly seq: number;
  readonly owner: OwnerKey;
  readonly lease: Lease;
  /** As it is stored: encrypted, if records are. */
  readonly record: Buffer;
  /** How many messages about it came since its last state. */
  readonly markers: number;
  /** When its last state was stored, in ms since the epoch. */
  readonly stateAtMs: number;
}
