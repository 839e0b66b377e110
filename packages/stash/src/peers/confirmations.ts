import { within } from "./bounded.ts";
import type { OutgoingTransfer } from "./outgoing.ts";
import type { PeerNode } from "./peer-node.ts";
import type { NodeName } from "./peer-network.ts";

/**
 * The time for which confirmations to one holder are collected, in ms. It is short, because a
 * partition that begins before the holder knows can leave two copies. Where many pages come back,
 * the next fetch carries the confirmations sooner, and no message is sent for them.
 */
const COLLECT_MS = 100;
/** Confirmations in one message: 256 bytes, no more than a fetch has. */
const MAX_CONFIRMATIONS = 64;

/** Confirms fetched stashes to their holders, many at once. The receiver's side of step 4 of a transfer. */
export class Confirmations {
  readonly #node: PeerNode;
  readonly #timers = new Map<NodeName, NodeJS.Timeout>();

  constructor(node: PeerNode) {
    this.#node = node;
  }

  /** A stash was fetched from this holder. */
  schedule(holder: NodeName): void {
    if (this.#node.incoming.unconfirmedOf(holder).length >= MAX_CONFIRMATIONS) {
      void this.#send(holder);
    } else if (!this.#timers.has(holder)) {
      this.#timers.set(holder, setTimeout(() => void this.#send(holder), COLLECT_MS).unref());
    }
  }

  /** Sends all confirmations now. Returns `false` if a holder is silent. */
  async flush(): Promise<boolean> {
    const sent = await Promise.all(this.#node.incoming.holders.map((holder) => this.#send(holder)));
    return sent.every(Boolean);
  }

  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  /**
   * Returns `false` if the holder is silent. If the message is lost, the holder asks after
   * `checkAfterMs`.
   */
  async #send(holder: NodeName): Promise<boolean> {
    clearTimeout(this.#timers.get(holder));
    this.#timers.delete(holder);
    const node = this.#node;
    const transferIds = node.incoming.unconfirmedOf(holder).slice(0, MAX_CONFIRMATIONS);
    if (transferIds.length === 0) return true;
    const request = { kind: "confirm", asker: node.name, transferIds } as const;
    const reply = await within(node.lookupTimeoutMs, undefined, (signal) =>
      node.ask(holder, request, signal),
    );
    const isConfirmed = reply.status === "answered" && reply.answer?.kind === "confirmed";
    // A node that is gone has no copy any more that it could send to another node.
    if (isConfirmed || reply.status === "gone") node.incoming.forget(holder, transferIds);
    return reply.status !== "silent";
  }
}

/**
 * Asks the receivers of transfers that are unconfirmed for long. The holder's side of a lost
 * confirmation: a copy that did not arrive, or whose receiver is gone, is restored. A silent
 * receiver may have the stash, with a view that has saved since, so it is asked again later, and
 * the promise resolves to `false`. Never rejects.
 */
export async function checkOutgoing(
  node: PeerNode,
  transfers: readonly OutgoingTransfer[],
): Promise<boolean> {
  const haveReplied = await Promise.all(transfers.map((transfer) => checkOne(node, transfer)));
  return haveReplied.every(Boolean);
}

/** Returns `false` if the receiver is silent. */
async function checkOne(node: PeerNode, transfer: OutgoingTransfer): Promise<boolean> {
  const { to, transferId, entry } = transfer;
  // Keeps the next sweep from asking while this request is running.
  transfer.checkAfterMs = node.nextCheckMs();
  const request = { kind: "check", asker: node.name, transferId, id: entry.id } as const;
  const reply = await within(node.lookupTimeoutMs, undefined, (signal) =>
    node.ask(to, request, signal),
  );
  if (!node.outgoing.isPending(transfer, to, transferId)) return true;
  if (reply.status === "silent") return false;
  const kind = reply.status === "answered" ? reply.answer?.kind : undefined;
  if (kind === "pending") return true;
  if (kind === "received") node.outgoing.confirm(transfer);
  else node.outgoing.restore(transfer);
  return true;
}
