import { setTimeout as pause } from "node:timers/promises";
import type { StashId } from "../store/adapter.ts";
import { checkDepartures } from "./confirmations.ts";
import type { Departure } from "./outgoing.ts";
import { isStillOnItsWay, restoreDeparture, settleDeparture } from "./giving.ts";
import type { MemoryNode } from "./peer-node.ts";
import type { MoveNumber } from "./transfer.ts";
import type { PeerAnswer } from "./messages.ts";
import type { NodeName, PeerReply } from "./peer-network.ts";
import { within } from "./bounded.ts";
import {
  checkOptionNames,
  describeFound,
  invalidOption,
  positiveInteger,
  timerMs,
} from "../option-checks.ts";

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
/** How long it waits before it asks a node again that is silent, in ms. */
const SILENCE_PAUSE_MS = 100;

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
  let receivers = await findReceivers(node, signal);
  const before = node.counts.handedOver;
  for (let round = 0; round < MAX_ROUNDS && receivers.length > 0 && !signal.aborted; round += 1) {
    const isWilling = await Promise.all(
      receivers.map((receiver) => feed(node, receiver, settings, signal)),
    );
    receivers = receivers.filter((_, index) => isWilling[index]);
    await settleAll(node, settings, signal);
    if (node.departures.size === 0 && !node.store.hasDisconnected) break;
  }
  const left = node.store.figures().entries + node.departures.size;
  return { handedOver: node.counts.handedOver - before, left };
}

/** The nodes that take stashes. If there is none but one that is silent, that one is waited for. */
async function findReceivers(node: MemoryNode, signal: AbortSignal): Promise<readonly NodeName[]> {
  const greeting = { kind: "settle", asker: node.name, moves: [] } as const;
  for (;;) {
    const receivers = await node.network.nodes(signal);
    if (receivers.length > 0 || signal.aborted) return receivers;
    const reply = await within(node.lookupTimeoutMs, signal, (waiting) =>
      node.askOthers(greeting, undefined, waiting),
    );
    if (reply.status !== "silent") return node.network.nodes(signal);
    await shortPause(signal);
  }
}

/**
 * Gives one node batch after batch, until nothing is left or it does not answer in time; `false` once it
 * takes no more.
 */
async function feed(
  node: MemoryNode,
  receiver: NodeName,
  settings: HandOverSettings,
  signal: AbortSignal,
): Promise<boolean> {
  while (!signal.aborted) {
    const batch = nextBatch(node, receiver, settings.batchBytes);
    if (batch.departures.length === 0) return true;
    const reply = await offer(node, receiver, batch, settings.batchTimeoutMs, signal);
    settleBatch(node, receiver, batch, refusedOf(reply, batch));
    // It is asked again later.
    if (reply.status === "silent") return true;
    const answer = reply.status === "answered" ? reply.answer : undefined;
    if (answer?.kind !== "kept" || answer.isFull) return false;
  }
  return true;
}

/**
 * What others were about to take, or were offered without an answer, is there, or here again: a node
 * that is silent is asked until it answers or is taken to be gone, as only then it is known which.
 */
async function settleAll(
  node: MemoryNode,
  settings: HandOverSettings,
  signal: AbortSignal,
): Promise<void> {
  while (!(await checkDepartures(node, node.departures.overdue(Infinity))) && !signal.aborted) {
    await shortPause(signal);
  }
  await pushDepartures(node, settings, signal);
}

/** Until a node that is silent is asked again. */
export const shortPause = (signal: AbortSignal): Promise<void> =>
  pause(SILENCE_PAUSE_MS, undefined, { signal }).catch(() => undefined);

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
    const reply = await offer(node, to, batch, settings.batchTimeoutMs, signal);
    settleBatch(node, to, batch, refusedOf(reply, batch));
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

function offer(
  node: MemoryNode,
  to: NodeName,
  { move, departures }: Batch,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<PeerReply<PeerAnswer>> {
  const nowMs = node.monotonicNow();
  const entries = departures.map(({ entry: { id, owner, record, deadlineMs } }) => ({
    id,
    owner,
    record,
    remainingMs: deadlineMs - nowMs,
  }));
  const request = { kind: "offer", asker: node.name, move, entries } as const;
  return within(timeoutMs, signal, (waiting) => node.ask(to, request, waiting));
}

/** The stashes of a batch that the other node did not keep; `undefined` if it did not say. */
function refusedOf(
  reply: PeerReply<PeerAnswer>,
  { departures }: Batch,
): ReadonlySet<StashId> | undefined {
  if (reply.status !== "answered" || reply.answer?.kind !== "kept") return undefined;
  return new Set(reply.answer.refused.flatMap((place) => departures[place]?.entry.id ?? []));
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

/** How the stashes of a node that goes are given away. */
export interface HandOverOptions {
  /** Stops when it is aborted: what is not handed over by then stays. Default: never. */
  readonly signal?: AbortSignal;
  /** About how many bytes of records go in one request. Default 65,536; at most 1,048,576. */
  readonly batchBytes?: number;
  /** The longest that a peer is waited for to take one batch, in ms. Default 2,000. */
  readonly batchTimeoutMs?: number;
}

const of = "handOver";
const DEFAULT_BATCH_BYTES = 65_536;
/** With the largest record on top it still is a message that peers accept. */
const MAX_BATCH_BYTES = 1_048_576;
const DEFAULT_BATCH_TIMEOUT_MS = 2_000;

/** Rejects with `invalid_option`. */
export function parseHandOverOptions(
  options: HandOverOptions,
): HandOverSettings & { readonly signal: AbortSignal } {
  checkOptionNames(of, options, ["signal", "batchBytes", "batchTimeoutMs"]);
  const { signal = new AbortController().signal } = options;
  if (!(signal instanceof AbortSignal)) {
    throw invalidOption({
      caller: of,
      option: "signal",
      expected: "an AbortSignal",
      found: describeFound(signal),
      advice: "Use AbortSignal.timeout(ms), or leave it out.",
    });
  }
  const batchBytes = positiveInteger(of, "batchBytes", options.batchBytes, DEFAULT_BATCH_BYTES);
  if (batchBytes > MAX_BATCH_BYTES) {
    throw invalidOption({
      caller: of,
      option: "batchBytes",
      expected: `at most ${MAX_BATCH_BYTES}`,
      found: String(batchBytes),
      advice: `Leave it out for the default of ${DEFAULT_BATCH_BYTES}.`,
    });
  }
  const batchTimeoutMs = timerMs(
    of,
    "batchTimeoutMs",
    options.batchTimeoutMs,
    DEFAULT_BATCH_TIMEOUT_MS,
  );
  return { signal, batchBytes, batchTimeoutMs };
}
