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
  const isWelcome = !node.isLeaving && !node.arrivals.isRefused(asker, move);
  const refused: number[] = [];
  const missing = new Set<StashId>();
  for (const [place, entry] of entries.entries()) {
    if (isWelcome && keep(node, asker, move, entry)) continue;
    refused.push(place);
    missing.add(entry.id);
  }
  if (isWelcome) node.arrivals.add(asker, move, missing);
  return refused;
}

function keep(node: MemoryNode, holder: NodeName, move: MoveNumber, entry: StashedEntry): boolean {
  // It came already by another way, and may have gone on from here.
  if (node.arrivals.isVoid(holder, move, entry.id)) return true;
  if (!node.store.put(entry)) return false;
  forgetWhereItWent(node, entry.id);
  node.counts.movedIn += 1;
  return true;
}
