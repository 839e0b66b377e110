import type { StashId } from "../../adapter.ts";
import { checkDepartures } from "./check-departures.ts";
import type { Departure } from "./departures.ts";
import { isStillOnItsWay, restoreDeparture, settleDeparture } from "./giving.ts";
import type { MemoryNode } from "./memory-node.ts";
import type { MoveNumber } from "./moves.ts";
import type { NodeName } from "./peer-network.ts";
import { within } from "./within.ts";

/** What became of the stashes of a node that goes. */
export interface HandOverResult {
  /** Those that other nodes have now. */
  readonly handedOver: number;
  /** Those that are still here: of connected views, or as no other node took them. */
  readonly left: number;
}

export interface HandOverSettings {
  readonly batchBytes: number;
  /** The longest that the answer to one batch is waited for, in ms. */
  readonly batchTimeoutMs: number;
}

/** How often it begins anew with what came back. */
const MAX_ROUNDS = 8;

/**
 * Gives the stashes of disconnected views to the other nodes, spread over all of them. While it
 * does, and after, whoever looks here for one of them is sent to where it went.
 */
export async function handOver(
  node: MemoryNode,
  settings: HandOverSettings,
  signal: AbortSignal,
): Promise<HandOverResult> {
  node.isLeaving = true;
  let receivers = await node.network.nodes(signal);
  const before = node.counts.handedOver;
  for (let round = 0; round < MAX_ROUNDS && receivers.length > 0 && !signal.aborted; round += 1) {
    const willing = await Promise.all(
      receivers.map((receiver) => feed(node, receiver, settings, signal)),
    );
    receivers = receivers.filter((_, index) => willing[index]);
    // What others were about to take, or were offered without an answer, is there, or here again.
    await checkDepartures(node, node.departures.overdue(Infinity));
    await pushDepartures(node, settings, signal);
    if (node.departures.size === 0 && !node.store.hasDisconnected) break;
  }
  const left = node.store.figures().entries + node.departures.size;
  return { handedOver: node.counts.handedOver - before, left };
}

/** Gives one node batch after batch, until nothing is left; `false` once it takes no more. */
async function feed(
  node: MemoryNode,
  receiver: NodeName,
  settings: HandOverSettings,
  signal: AbortSignal,
): Promise<boolean> {
  while (!signal.aborted) {
    const batch = nextBatch(node, receiver, settings.batchBytes);
    if (batch.departures.length === 0) return true;
    const kept = await offer(node, receiver, batch, settings.batchTimeoutMs, signal);
    settleBatch(node, receiver, batch, kept?.refused);
    if (kept === undefined || kept.isFull) return false;
  }
  return true;
}

/**
 * What was given to nodes that have not received it yet is offered to them too, as this node may be
 * gone before their answers are.
 */
async function pushDepartures(
  node: MemoryNode,
  settings: HandOverSettings,
  signal: AbortSignal,
): Promise<void> {
  const byReceiver = new Map<NodeName, Departure[]>();
  for (const departure of node.departures.overdue(Infinity)) {
    byReceiver.set(departure.to, [...(byReceiver.get(departure.to) ?? []), departure]);
  }
  const offers = [...byReceiver].map(async ([to, departures]) => {
    const batch = { move: node.moves.offer(), departures };
    for (const departure of departures) {
      node.departures.redirect(departure, to, batch.move, Infinity);
    }
    const kept = await offer(node, to, batch, settings.batchTimeoutMs, signal);
    settleBatch(node, to, batch, kept?.refused);
  });
  await Promise.all(offers);
}

interface Batch {
  readonly move: MoveNumber;
  readonly departures: readonly Departure[];
}

function nextBatch(node: MemoryNode, to: NodeName, batchBytes: number): Batch {
  const move = node.moves.offer();
  const departures: Departure[] = [];
  const entries = node.store.takeDisconnected(batchBytes);
  for (const entry of entries) {
    // Nobody asks for what became of it: the answer to the batch says so.
    const departure: Departure = { entry, to, move, leaseUntilMs: Infinity };
    node.departures.add(departure);
    departures.push(departure);
  }
  return { move, departures };
}

interface KeptOffer {
  readonly refused: ReadonlySet<StashId>;
  readonly isFull: boolean;
}

/** `undefined`: the node does not answer. */
async function offer(
  node: MemoryNode,
  to: NodeName,
  { move, departures }: Batch,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<KeptOffer | undefined> {
  const entries = departures.map(({ entry }) => entry);
  const request = { kind: "offer", asker: node.name, move, entries } as const;
  const answer = await within(timeoutMs, signal, (waiting) => node.ask(to, request, waiting));
  if (answer?.kind !== "kept") return undefined;
  const refused = answer.refused.flatMap((place) => entries[place]?.id ?? []);
  return { refused: new Set(refused), isFull: answer.isFull };
}

function settleBatch(
  node: MemoryNode,
  to: NodeName,
  { move, departures }: Batch,
  refused: ReadonlySet<StashId> | undefined,
): void {
  for (const departure of departures) {
    // Somebody may have taken it since, or have found that it did not get there.
    if (!isStillOnItsWay(node, departure, to, move)) continue;
    // Without an answer it may be there or not: that is asked when all have been offered.
    if (refused === undefined) continue;
    if (refused.has(departure.entry.id)) restoreDeparture(node, departure);
    else settleDeparture(node, departure);
  }
}
