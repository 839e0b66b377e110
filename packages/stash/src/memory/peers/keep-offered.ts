import type { StashId } from "../../adapter.ts";
import { forgetWhereItWent } from "./giving.ts";
import type { MemoryNode } from "./memory-node.ts";
import type { StashedEntry } from "../stashed-entry.ts";
import type { MoveNumber } from "./moves.ts";
import type { NodeName } from "./peer-network.ts";
import type { OfferRequest } from "./peer-request.ts";

/** Keeps what a node that goes offers; answers the places of those that were not kept. */
export function keepOffered(
  node: MemoryNode,
  { asker, move, entries }: OfferRequest,
): readonly number[] {
  // It came before, and the answer was lost.
  const before = node.arrivals.missingOf(asker, move);
  if (before !== undefined) return placesOf(entries, before);
  const isWelcome = !node.isLeaving && !node.arrivals.isRefused(asker, move);
  const missing = new Set<StashId>();
  for (const entry of entries) {
    if (!isWelcome || !keep(node, asker, move, entry)) missing.add(entry.id);
  }
  if (isWelcome) node.arrivals.add(asker, move, missing);
  return placesOf(entries, missing);
}

function placesOf(entries: readonly StashedEntry[], ids: ReadonlySet<StashId>): number[] {
  return entries.flatMap(({ id }, place) => (ids.has(id) ? [place] : []));
}

function keep(node: MemoryNode, holder: NodeName, move: MoveNumber, entry: StashedEntry): boolean {
  // It came already by another way, and may have gone on from here.
  if (node.arrivals.isVoid(holder, move, entry.id)) return true;
  if (!node.store.put(entry)) return false;
  forgetWhereItWent(node, entry.id);
  node.counts.movedIn += 1;
  return true;
}
