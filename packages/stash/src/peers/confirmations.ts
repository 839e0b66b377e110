import type { Departure } from "./outgoing.ts";
import { isStillOnItsWay, restoreDeparture, settleDeparture } from "./giving.ts";
import type { MemoryNode } from "./peer-node.ts";
import { within } from "./bounded.ts";
import type { NodeName } from "./peer-network.ts";

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

/**
 * How long moves are collected before the node that held the stashes is told, in ms. Where many pages
 * come back, it is told with the next request sooner than that, and no request is made for it.
 */
const COLLECTED_MS = 100;
/** How many are told at once. */
const MAX_MOVES = 64;

/** Tells the nodes from which stashes came that they are here, many at once. */
export class Settlements {
  readonly #node: MemoryNode;
  readonly #timers = new Map<NodeName, NodeJS.Timeout>();

  constructor(node: MemoryNode) {
    this.#node = node;
  }

  /** Something came from this node. */
  schedule(holder: NodeName): void {
    if (this.#node.arrivals.unsettled(holder).length >= MAX_MOVES) {
      void this.#tell(holder);
    } else if (!this.#timers.has(holder)) {
      this.#timers.set(holder, setTimeout(() => void this.#tell(holder), COLLECTED_MS).unref());
    }
  }

  /** Tells all of them now; `false` if one of them is silent. */
  async flush(): Promise<boolean> {
    const told = await Promise.all(this.#node.arrivals.holders.map((holder) => this.#tell(holder)));
    return told.every(Boolean);
  }

  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  /** Told in vain, the node asks by itself when its lease is over; `false` if it is silent. */
  async #tell(holder: NodeName): Promise<boolean> {
    clearTimeout(this.#timers.get(holder));
    this.#timers.delete(holder);
    const node = this.#node;
    const moves = node.arrivals.unsettled(holder).slice(0, MAX_MOVES);
    if (moves.length === 0) return true;
    const request = { kind: "settle", asker: node.name, moves } as const;
    const reply = await within(node.lookupTimeoutMs, undefined, (signal) =>
      node.ask(holder, request, signal),
    );
    const isTold = reply.status === "answered" && reply.answer?.kind === "settled";
    // Nor has a node that is gone anything that it could give once more.
    if (isTold || reply.status === "gone") node.arrivals.settle(holder, moves);
    return reply.status !== "silent";
  }
}
