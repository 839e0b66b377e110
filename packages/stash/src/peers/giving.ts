import type { StashId } from "../store/adapter.ts";
import type { Departure } from "./outgoing.ts";
import type { MemoryNode } from "./peer-node.ts";
import { isOffer, type MoveNumber } from "./transfer.ts";
import type { NodeName } from "./peer-network.ts";

/** The other node has it: the copy that was kept here goes, and it is remembered where it went. */
export function settleDeparture(node: MemoryNode, departure: Departure): void {
  node.departures.remove(departure);
  node.moved.add(departure.entry.id, departure.to);
  node.counts.movedOut += 1;
  if (isOffer(departure.move)) node.counts.handedOver += 1;
}

/** The other node has taken what these moves gave it, all of it. */
export function settleTaken(node: MemoryNode, taker: NodeName, moves: readonly MoveNumber[]): void {
  for (const move of moves) {
    for (const departure of node.departures.takenBy(taker, move)) settleDeparture(node, departure);
  }
}

/** The other node does not have it: it is here as before, unless its deadline has passed. */
export function restoreDeparture(node: MemoryNode, departure: Departure): void {
  node.departures.remove(departure);
  node.store.restore(departure.entry);
}

/** Whether it still is on its way there, and with that move. */
export function isStillOnItsWay(
  node: MemoryNode,
  departure: Departure,
  to: NodeName,
  move: MoveNumber,
): boolean {
  const current = node.departures.get(departure.entry.id);
  return current === departure && departure.to === to && departure.move === move;
}

/** It is here now, so whatever is known of where it went once is of no use any more. */
export function forgetWhereItWent(node: MemoryNode, id: StashId): void {
  const departure = node.departures.get(id);
  if (departure !== undefined) node.departures.remove(departure);
  node.moved.delete(id);
}
