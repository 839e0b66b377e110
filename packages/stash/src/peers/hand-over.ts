import type { StashId } from "../store/adapter.ts";
import { checkOptions, MAX_TIMER_MS, type OptionTable } from "../option-checks.ts";
import { within } from "./bounded.ts";
import { checkOutgoing } from "./confirmations.ts";
import type { PeerAnswer } from "./messages.ts";
import type { OutgoingTransfer } from "./outgoing.ts";
import type { NodeName, PeerReply } from "./peer-network.ts";
import type { PeerNode } from "./peer-node.ts";
import { pauseForSilence } from "./silence.ts";
import type { TransferId } from "./transfer.ts";

/** Limits for handing over the stashes of a node that stops. */
export interface HandOverOptions {
  /** Ends handing over when it is aborted: the other stashes stay here. Default: never. */
  readonly signal?: AbortSignal;
  /** The bytes of records in one request, about. Default 65,536; at most 1,048,576. */
  readonly batchBytes?: number;
  /** The longest wait for a peer to accept one batch, in ms. Default 2,000. */
  readonly batchTimeoutMs?: number;
}

/** The outcome of handing over. */
export interface HandOverResult {
  /** Stashes that other nodes have accepted. */
  readonly handedOver: number;
  /** Stashes that are still here: of connected views, or because no other node accepted them. */
  readonly left: number;
}

export interface HandOverSettings {
  readonly batchBytes: number;
  readonly batchTimeoutMs: number;
}

const TABLE = {
  signal: {
    kind: "value",
    accepts: (value) => value instanceof AbortSignal,
    expected: "an AbortSignal",
    advice: "Use AbortSignal.timeout(ms), or leave it out.",
  },
  // By default about 160 stashes of 400 bytes: requests cost little, and no node is busy for long.
  // At most what a message still can hold with the largest record on top.
  batchBytes: { kind: "number", default: 65_536, most: 1_048_576 },
  batchTimeoutMs: { kind: "number", default: 2_000, most: MAX_TIMER_MS },
} as const satisfies OptionTable<HandOverOptions>;

/**
 * Each round offers what came back in the one before. Only nodes that die or fill up meanwhile
 * cause another one.
 */
const MAX_ROUNDS = 8;

/** Returns the settings for these options. Throws `invalid_option`. */
export function parseHandOverOptions(
  options: HandOverOptions,
): HandOverSettings & { readonly signal: AbortSignal } {
  const { signal, ...settings } = checkOptions("handOver", options, TABLE);
  return { ...settings, signal: signal ?? new AbortController().signal };
}

/**
 * Hands the stashes of disconnected views over to the other nodes, spread over all of them. From
 * then on, nodes that look for one of them here are forwarded to its receiver.
 */
export async function handOver(
  node: PeerNode,
  settings: HandOverSettings,
  signal: AbortSignal,
): Promise<HandOverResult> {
  node.isLeaving = true;
  let receivers = await findReceivers(node, signal);
  const before = node.outgoing.handedOver;
  for (let round = 0; round < MAX_ROUNDS && receivers.length > 0 && !signal.aborted; round += 1) {
    const areWilling = await Promise.all(
      receivers.map((receiver) => feed(node, receiver, settings, signal)),
    );
    receivers = receivers.filter((_, index) => areWilling[index]);
    await settleUnconfirmed(node, settings, signal);
    if (node.outgoing.size === 0 && !node.store.hasDisconnected) break;
  }
  const left = node.store.figures().entries + node.outgoing.size;
  return { handedOver: node.outgoing.handedOver - before, left };
}

/** Returns the nodes that can be reached. If there is none, but a node is silent, waits for that node. */
async function findReceivers(node: PeerNode, signal: AbortSignal): Promise<readonly NodeName[]> {
  const ping = { kind: "confirm", asker: node.name, transferIds: [] } as const;
  for (;;) {
    const receivers = await node.network.nodes(signal);
    if (receivers.length > 0 || signal.aborted) return receivers;
    const reply = await within(node.lookupTimeoutMs, signal, (waiting) =>
      node.askOthers(ping, undefined, waiting),
    );
    if (reply.status !== "silent") return node.network.nodes(signal);
    await pauseForSilence(signal);
  }
}

/**
 * Offers batch after batch to one node, until no stash is left or the node is silent. Returns
 * `false` once the node accepts no more.
 */
async function feed(
  node: PeerNode,
  receiver: NodeName,
  settings: HandOverSettings,
  signal: AbortSignal,
): Promise<boolean> {
  while (!signal.aborted) {
    const batch = nextBatch(node, receiver, settings.batchBytes);
    if (batch.transfers.length === 0) return true;
    const reply = await offer(node, receiver, batch, settings.batchTimeoutMs, signal);
    // A silent node is asked again in `settleUnconfirmed`.
    if (reply.status === "silent") return true;
    const answer = reply.status === "answered" ? reply.answer : undefined;
    if (answer?.kind !== "accepted" || answer.isFull) return false;
  }
  return true;
}

/**
 * Finds out about every unconfirmed transfer: offers without an answer, and fetches of other nodes.
 * A silent receiver is asked until it answers or counts as gone, because until then it is unknown
 * where its stashes are.
 */
async function settleUnconfirmed(
  node: PeerNode,
  settings: HandOverSettings,
  signal: AbortSignal,
): Promise<void> {
  while (!(await checkOutgoing(node, node.outgoing.unconfirmed)) && !signal.aborted) {
    await pauseForSilence(signal);
  }
  await offerPending(node, settings, signal);
}

/**
 * Offers stashes that nodes are still fetching to these nodes too: this node may stop before their
 * answers arrive.
 */
async function offerPending(
  node: PeerNode,
  settings: HandOverSettings,
  signal: AbortSignal,
): Promise<void> {
  const byReceiver = new Map<NodeName, OutgoingTransfer[]>();
  for (const transfer of node.outgoing.unconfirmed) {
    byReceiver.set(transfer.to, [...(byReceiver.get(transfer.to) ?? []), transfer]);
  }
  const offers = [...byReceiver].map(async ([to, transfers]) => {
    const transferId = node.transferIds.nextOffer();
    for (const transfer of transfers) node.outgoing.redirect(transfer, to, transferId, Infinity);
    await offer(node, to, { transferId, transfers }, settings.batchTimeoutMs, signal);
  });
  await Promise.all(offers);
}

interface Batch {
  readonly transferId: TransferId;
  readonly transfers: readonly OutgoingTransfer[];
}

function nextBatch(node: PeerNode, to: NodeName, batchBytes: number): Batch {
  const transferId = node.transferIds.nextOffer();
  const transfers = node.store.takeDisconnected(batchBytes).map((entry) => {
    // No sweep asks for it: the answer to the batch confirms, and `settleUnconfirmed` asks if there
    // is none.
    const transfer: OutgoingTransfer = { entry, to, transferId, checkAfterMs: Infinity };
    node.outgoing.begin(transfer);
    return transfer;
  });
  return { transferId, transfers };
}

/** Sends a batch. An answer confirms the accepted stashes, and restores the others. */
async function offer(
  node: PeerNode,
  to: NodeName,
  { transferId, transfers }: Batch,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<PeerReply<PeerAnswer>> {
  const nowMs = node.monotonicNow();
  const entries = transfers.map(({ entry: { id, owner, record, deadlineMs } }) => ({
    id,
    owner,
    record,
    remainingMs: deadlineMs - nowMs,
  }));
  const request = { kind: "offer", asker: node.name, transferId, entries } as const;
  const reply = await within(timeoutMs, signal, (waiting) => node.ask(to, request, waiting));
  const rejected = rejectedOf(reply, transfers);
  if (rejected === undefined) return reply;
  for (const transfer of transfers) {
    // A page may have fetched the stash meanwhile, or another node may have found that it did not
    // arrive.
    if (!node.outgoing.isPending(transfer, to, transferId)) continue;
    if (rejected.has(transfer.entry.id)) node.outgoing.restore(transfer);
    else node.outgoing.confirm(transfer);
  }
  return reply;
}

/** Returns the stashes that the receiver rejected; `undefined` if its answer is unknown. */
function rejectedOf(
  reply: PeerReply<PeerAnswer>,
  transfers: readonly OutgoingTransfer[],
): ReadonlySet<StashId> | undefined {
  if (reply.status !== "answered" || reply.answer?.kind !== "accepted") return undefined;
  return new Set(reply.answer.rejected.flatMap((place) => transfers[place]?.entry.id ?? []));
}
