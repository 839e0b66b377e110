import { slotBytesFor } from "./size-class.ts";

/** What an entry takes besides its record (measured: see the benchmark of the stash). */
const BOOKKEEPING_BYTES = 256;

/** What a record of this size counts for: its slot, and what is known about it. */
export function entryBytes(recordBytes: number): number {
  return slotBytesFor(recordBytes) + BOOKKEEPING_BYTES;
}
