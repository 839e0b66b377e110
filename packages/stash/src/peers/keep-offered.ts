import type { StashId } from "../store/adapter.ts";
import { forgetWhereItWent } from "./giving.ts";
import type { MemoryNode } from "./peer-node.ts";
import type { StashedEntry } from "../memory/entry.ts";
import type { OfferedEntry, OfferRequest } from "./messages.ts";

/** What was not kept of an offer, by its places, and whether to offer more is of any use. */
export interface Kept {
  readonly refused: readonly number[];
  readonly isFull: boolean;
}

/** Keeps what a node that goes offers. */
export function keepOffered(node: MemoryNode, { asker, move, entries }: OfferRequest): Kept {
  // It came before, and the answer was lost.
  const before = node.arrivals.missingOf(asker, move);
  if (before !== undefined) return { refused: placesOf(entries, before), isFull: node.isLeaving };
  const nowMs = node.monotonicNow();
  const missing = new Set<StashId>();
  let isFull = node.isLeaving;
  for (const entry of entries) {
    if (isFull || node.arrivals.isRefused(asker, move, entry.id)) {
      missing.add(entry.id);
    } else if (node.store.has(entry.id)) {
      // It came by itself in the meantime, and is at least as new.
    } else if (node.store.put(keptOf(entry, nowMs))) {
      forgetWhereItWent(node, entry.id);
      node.counts.movedIn += 1;
    } else {
      missing.add(entry.id);
      isFull = true;
    }
  }
  node.arrivals.add(asker, move, missing);
  return { refused: placesOf(entries, missing), isFull };
}

const keptOf = ({ id, owner, record, remainingMs }: OfferedEntry, nowMs: number): StashedEntry => ({
  id,
  owner,
  record,
  deadlineMs: nowMs + remainingMs,
});

function placesOf(entries: readonly OfferedEntry[], ids: ReadonlySet<StashId>): number[] {
  return entries.flatMap(({ id }, place) => (ids.has(id) ? [place] : []));
}
