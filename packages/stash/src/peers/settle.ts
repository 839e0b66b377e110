import type { Departure } from "./outgoing.ts";
import { isStillOnItsWay, restoreDeparture, settleDeparture } from "./giving.ts";
import type { MemoryNode } from "./peer-node.ts";
import { within } from "./bounded.ts";

/**
 * Asks the nodes to which stashes were given, and that never said they have them. A stash that did not
 * get there, or went to a node that is gone, is here again. A node that is silent may have it, with a
 * view that has saved since: it is asked again later, and the promise resolves to `false`. Never rejects.
 */
export async function checkDepartures(
  node: MemoryNode,
  departures: readonly Departure[],
): Promise<boolean> {
  const haveReplied = await Promise.all(departures.map((departure) => check(node, departure)));
  return haveReplied.every(Boolean);
}

/** Whether the other node has replied, or is gone. */
async function check(node: MemoryNode, departure: Departure): Promise<boolean> {
  const { to, move, entry } = departure;
  // Not twice at once.
  departure.leaseUntilMs = node.leaseUntilMs();
  const request = { kind: "check", asker: node.name, move, id: entry.id } as const;
  const reply = await within(node.lookupTimeoutMs, undefined, (signal) =>
    node.ask(to, request, signal),
  );
  if (!isStillOnItsWay(node, departure, to, move)) return true;
  if (reply.status === "silent") return false;
  const kind = reply.status === "answered" ? reply.answer?.kind : undefined;
  if (kind === "pending") return true;
  if (kind === "taken") settleDeparture(node, departure);
  else restoreDeparture(node, departure);
  return true;
}
