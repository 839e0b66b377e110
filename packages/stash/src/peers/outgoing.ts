import type { StashId } from "../store/adapter.ts";
import type { StashedEntry } from "../memory/entry.ts";
import type { MemoryStore } from "../memory/memory-store.ts";
import type { NodeName } from "./peer-network.ts";
import { isOffer, type TransferId } from "./transfer.ts";

/** A stash that was sent to another node, and whose copy is retained until that node confirms. */
export interface OutgoingTransfer {
  readonly entry: StashedEntry;
  to: NodeName;
  transferId: TransferId;
  /** When to ask the receiver whether it has the stash, on the monotonic clock. */
  checkAfterMs: number;
}

/** The node that a stash went to, and the transfer while it is unconfirmed; 0 once it is confirmed. */
export interface Forwarding {
  readonly to: NodeName;
  readonly transferId: TransferId;
}

/** The transfers from this node: unconfirmed ones with their copies, and forwardings of confirmed ones. */
export class OutgoingTransfers {
  readonly #store: MemoryStore;
  readonly #confirmed: ConfirmedForwardings;
  readonly #byStash = new Map<StashId, OutgoingTransfer>();
  /** One stash for each fetch, a batch of them for each offer. */
  readonly #byTransfer = new Map<string, Set<OutgoingTransfer>>();
  #movedOut = 0;
  #handedOver = 0;

  /** Called when a transfer begins. */
  onBegin: () => void = () => {};

  constructor(store: MemoryStore, monotonicNow: () => number) {
    this.#store = store;
    this.#confirmed = new ConfirmedForwardings(monotonicNow);
  }

  /** The number of unconfirmed transfers. */
  get size(): number {
    return this.#byStash.size;
  }

  get unconfirmed(): OutgoingTransfer[] {
    return [...this.#byStash.values()];
  }

  /** The number of confirmed transfers whose receiver is remembered. */
  get forwardings(): number {
    return this.#confirmed.size;
  }

  get movedOut(): number {
    return this.#movedOut;
  }

  get handedOver(): number {
    return this.#handedOver;
  }

  get(id: StashId): OutgoingTransfer | undefined {
    return this.#byStash.get(id);
  }

  begin(transfer: OutgoingTransfer): void {
    this.#byStash.set(transfer.entry.id, transfer);
    this.#index(transfer);
    this.onBegin();
  }

  /**
   * Sends the copy to another node, or under another transfer id: the first transfer is known to
   * have failed.
   */
  redirect(
    transfer: OutgoingTransfer,
    to: NodeName,
    transferId: TransferId,
    checkAfterMs: number,
  ): void {
    this.#unindex(transfer);
    Object.assign(transfer, { to, transferId, checkAfterMs });
    this.#index(transfer);
  }

  /** Whether this transfer, to this node and with this transfer id, is still unconfirmed. */
  isPending(transfer: OutgoingTransfer, to: NodeName, transferId: TransferId): boolean {
    const current = this.#byStash.get(transfer.entry.id);
    return current === transfer && transfer.to === to && transfer.transferId === transferId;
  }

  /** The receiver has the stash: deletes the copy, and remembers the receiver. */
  confirm(transfer: OutgoingTransfer): void {
    this.#remove(transfer);
    this.#confirmed.add(transfer.entry.id, transfer.to);
    this.#movedOut += 1;
    if (isOffer(transfer.transferId)) this.#handedOver += 1;
  }

  /** The receiver has all stashes of these transfers. */
  confirmAll(receiver: NodeName, transferIds: readonly TransferId[]): void {
    for (const transferId of transferIds) {
      const transfers = this.#byTransfer.get(keyOf(receiver, transferId)) ?? [];
      for (const transfer of transfers) this.confirm(transfer);
    }
  }

  /** The receiver does not have the stash: stores the copy again, as if it had never been sent. */
  restore(transfer: OutgoingTransfer): void {
    this.#remove(transfer);
    this.#store.restore(transfer.entry);
  }

  /** Returns where a stash went, if it went from here and that is still known. */
  forwardingOf(id: StashId): Forwarding | undefined {
    const transfer = this.#byStash.get(id);
    if (transfer !== undefined) return { to: transfer.to, transferId: transfer.transferId };
    const to = this.#confirmed.get(id);
    return to === undefined ? undefined : { to, transferId: 0 };
  }

  /** The stash is local again: drops its forwarding, and a copy that is older. */
  clearForwarding(id: StashId): void {
    const transfer = this.#byStash.get(id);
    if (transfer !== undefined) this.#remove(transfer);
    this.#confirmed.delete(id);
  }

  /** Returns the transfers whose receivers are to be asked. */
  overdue(nowMs: number): OutgoingTransfer[] {
    return this.unconfirmed.filter(({ checkAfterMs }) => checkAfterMs <= nowMs);
  }

  prune(): void {
    this.#confirmed.prune();
  }

  #index(transfer: OutgoingTransfer): void {
    const key = keyOf(transfer.to, transfer.transferId);
    const transfers = this.#byTransfer.get(key) ?? new Set();
    this.#byTransfer.set(key, transfers.add(transfer));
  }

  #unindex(transfer: OutgoingTransfer): void {
    const key = keyOf(transfer.to, transfer.transferId);
    const transfers = this.#byTransfer.get(key);
    transfers?.delete(transfer);
    if (transfers?.size === 0) this.#byTransfer.delete(key);
  }

  #remove(transfer: OutgoingTransfer): void {
    this.#byStash.delete(transfer.entry.id);
    this.#unindex(transfer);
  }
}

/** The default life of a stash (`ttlMs`): an older forwarding rarely leads to a stash that still exists. */
const FORWARDING_MS = 300_000;
/**
 * Bounds the memory to about 3 MB. A stash without a forwarding is looked for at all nodes, which
 * costs time only.
 */
const MAX_FORWARDINGS = 16_384;

class ConfirmedForwardings {
  readonly #monotonicNow: () => number;
  /** The oldest first. */
  readonly #byStash = new Map<StashId, { readonly to: NodeName; readonly untilMs: number }>();

  constructor(monotonicNow: () => number) {
    this.#monotonicNow = monotonicNow;
  }

  get size(): number {
    return this.#byStash.size;
  }

  add(id: StashId, to: NodeName): void {
    this.#byStash.delete(id);
    const nowMs = this.#monotonicNow();
    this.#byStash.set(id, { to, untilMs: nowMs + FORWARDING_MS });
    this.prune(nowMs);
  }

  get(id: StashId): NodeName | undefined {
    const forwarding = this.#byStash.get(id);
    if (forwarding === undefined || forwarding.untilMs <= this.#monotonicNow()) return undefined;
    return forwarding.to;
  }

  delete(id: StashId): void {
    this.#byStash.delete(id);
  }

  prune(nowMs = this.#monotonicNow()): void {
    for (const [id, { untilMs }] of this.#byStash) {
      if (untilMs > nowMs && this.#byStash.size <= MAX_FORWARDINGS) return;
      this.#byStash.delete(id);
    }
  }
}

const keyOf = (receiver: NodeName, transferId: TransferId): string => `${receiver}/${transferId}`;
