import type { Departure } from "./departures.ts";
import { isStillOnItsWay, restoreDeparture, settleDeparture } from "./giving.ts";
import type { MemoryNode } from "./memory-node.ts";
import { within } from "./within.ts";

/**
 * Asks the nodes to which stashes were given, and that never said they have them. What is not there,
 * or cannot be asked for, is here again. Never rejects.
 */
export async function checkDepartures(
  node: MemoryNode,
  departures: readonly Departure[],
): Promise<void> {
  await Promise.all(departures.map((departure) => check(node, departure)));
}

async function check(node: MemoryNode, departure: Departure): Promise<void> {
  const { to, move, entry } = departure;
  // Not twice at once.
  departure.leaseUntilMs = node.leaseUntilMs();
  const request = { kind: "check", asker: node.name, move, id: entry.id } as const;
  const answer = await within(node.lookupTimeoutMs, undefined, (signal) =>
    node.ask(to, request, signal),
  );
  if (answer?.kind === "pending" || !isStillOnItsWay(node, departure, to, move)) return;
  if (answer?.kind === "taken") settleDeparture(node, departure);
  else restoreDeparture(node, departure);
}
