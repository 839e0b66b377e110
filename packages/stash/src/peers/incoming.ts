import type { LoadOutcome, StashId } from "../store/adapter.ts";
import { StashError } from "../errors.ts";
import type { StashedEntry } from "../memory/entry.ts";
import type { MemoryStore } from "../memory/memory-store.ts";
import type { OfferedEntry, OfferRequest, PeerAnswer } from "./messages.ts";
import type { OutgoingTransfers } from "./outgoing.ts";
import type { NodeName } from "./peer-network.ts";
import type { TransferId } from "./transfer.ts";

/** The stashes of an offer that were not accepted, by their places, and whether this node accepts more. */
export interface Acceptance {
  readonly rejected: readonly number[];
  readonly isFull: boolean;
}

interface IncomingTransfer {
  readonly holder: NodeName;
  readonly transferId: TransferId;
  readonly atMs: number;
  /** The stashes of an offer that were not accepted. */
  readonly rejected: ReadonlySet<StashId>;
}

const NONE: ReadonlySet<StashId> = new Set();

/** The transfers to this node, until the holder knows of them; and offers that this node must reject. */
export class IncomingTransfers {
  readonly #store: MemoryStore;
  readonly #outgoing: OutgoingTransfers;
  readonly #monotonicNow: () => number;
  readonly #rememberedMs: number;
  /** The oldest first. */
  readonly #transfers = new Map<string, IncomingTransfer>();
  readonly #unconfirmed = new Map<NodeName, Set<TransferId>>();
  /** Stashes of offers to reject if they still arrive, with the time of that decision. The oldest first. */
  readonly #rejectedOffers = new Map<string, number>();
  #movedIn = 0;

  /** `rememberedMs` must be longer than a holder waits before it asks for a transfer. */
  constructor(
    store: MemoryStore,
    outgoing: OutgoingTransfers,
    monotonicNow: () => number,
    rememberedMs: number,
  ) {
    this.#store = store;
    this.#outgoing = outgoing;
    this.#monotonicNow = monotonicNow;
    this.#rememberedMs = rememberedMs;
  }

  get movedIn(): number {
    return this.#movedIn;
  }

  /**
   * Stores a stash that a view of this node has fetched. Throws `adapter_unavailable` if there is
   * no room: the transfer is never confirmed then, and the stash stays with its holder.
   */
  acceptFetched(
    { id, owner, deadlineMs }: Omit<StashedEntry, "record">,
    transferId: TransferId,
    { node: holder, record, voidOffer }: PeerAnswer & { readonly kind: "transferred" },
  ): LoadOutcome {
    if (!this.#store.put({ id, owner, record, deadlineMs })) throw noRoom();
    this.#outgoing.clearForwarding(id);
    this.#add(holder, transferId);
    if (voidOffer !== 0) this.reject(holder, voidOffer, id);
    this.#movedIn += 1;
    // A plain array, as from the store, without a copy: nothing else uses the memory of the
    // message.
    const { buffer, byteOffset, byteLength } = record;
    return { status: "loaded", record: new Uint8Array(buffer, byteOffset, byteLength) };
  }

  /**
   * Stores the stashes that a holder offers before it stops. A node that stops itself (`isLeaving`)
   * accepts none.
   */
  acceptOffered({ asker, transferId, entries }: OfferRequest, isLeaving: boolean): Acceptance {
    const before = this.#transfers.get(keyOf(asker, transferId));
    // The offer came before, and its answer was lost.
    if (before !== undefined) {
      return { rejected: placesOf(entries, before.rejected), isFull: isLeaving };
    }
    const nowMs = this.#monotonicNow();
    const rejected = new Set<StashId>();
    let isFull = isLeaving;
    for (const entry of entries) {
      if (isFull || this.#rejectedOffers.has(stashKeyOf(asker, transferId, entry.id))) {
        rejected.add(entry.id);
      } else if (this.#store.has(entry.id)) {
        // A view of this node has fetched the stash in the meantime: the store's copy is at least
        // as new.
      } else if (this.#store.put(entryOf(entry, nowMs))) {
        this.#outgoing.clearForwarding(entry.id);
        this.#movedIn += 1;
      } else {
        rejected.add(entry.id);
        isFull = true;
      }
    }
    this.#add(asker, transferId, rejected);
    return { rejected: placesOf(entries, rejected), isFull };
  }

  /** Whether this node has accepted a stash by this transfer. */
  has(holder: NodeName, transferId: TransferId, id: StashId): boolean {
    return this.#transfers.get(keyOf(holder, transferId))?.rejected.has(id) === false;
  }

  /** Rejects this stash of an offer that may still arrive. */
  reject(holder: NodeName, transferId: TransferId, id: StashId): void {
    this.#rejectedOffers.set(stashKeyOf(holder, transferId, id), this.#monotonicNow());
  }

  /** The holders of unconfirmed transfers. */
  get holders(): readonly NodeName[] {
    return [...this.#unconfirmed.keys()];
  }

  /** Returns the transfers that a holder does not know to have arrived. */
  unconfirmedOf(holder: NodeName): readonly TransferId[] {
    return [...(this.#unconfirmed.get(holder) ?? [])];
  }

  /** The transfers that any holder does not know to have arrived. */
  get unconfirmed(): readonly TransferId[] {
    return [...this.#unconfirmed.values()].flatMap((transferIds) => [...transferIds]);
  }

  /** Forgets transfers: their holder knows that they have arrived, and never asks for them. */
  forget(holder: NodeName, transferIds: readonly TransferId[]): void {
    for (const transferId of transferIds) this.#delete(holder, transferId);
  }

  prune(nowMs = this.#monotonicNow()): void {
    const oldestMs = nowMs - this.#rememberedMs;
    for (const { holder, transferId, atMs } of this.#transfers.values()) {
      if (atMs > oldestMs) break;
      this.#delete(holder, transferId);
    }
    for (const [key, atMs] of this.#rejectedOffers) {
      if (atMs > oldestMs) break;
      this.#rejectedOffers.delete(key);
    }
  }

  #add(holder: NodeName, transferId: TransferId, rejected: ReadonlySet<StashId> = NONE): void {
    const atMs = this.#monotonicNow();
    this.prune(atMs);
    const key = keyOf(holder, transferId);
    this.#transfers.delete(key);
    this.#transfers.set(key, { holder, transferId, atMs, rejected });
    // A confirmation is for whole transfers. Of this one, only the answer to the offer names the
    // rejected parts.
    if (rejected.size > 0) return;
    const transferIds = this.#unconfirmed.get(holder) ?? new Set();
    this.#unconfirmed.set(holder, transferIds.add(transferId));
  }

  #delete(holder: NodeName, transferId: TransferId): void {
    this.#transfers.delete(keyOf(holder, transferId));
    const transferIds = this.#unconfirmed.get(holder);
    transferIds?.delete(transferId);
    if (transferIds?.size === 0) this.#unconfirmed.delete(holder);
  }
}

const keyOf = (holder: NodeName, transferId: TransferId): string => `${holder}/${transferId}`;

const stashKeyOf = (holder: NodeName, transferId: TransferId, id: StashId): string =>
  `${keyOf(holder, transferId)}/${id}`;

const entryOf = (
  { id, owner, record, remainingMs }: OfferedEntry,
  nowMs: number,
): StashedEntry => ({
  id,
  owner,
  record,
  deadlineMs: nowMs + remainingMs,
});

function placesOf(entries: readonly OfferedEntry[], ids: ReadonlySet<StashId>): number[] {
  return entries.flatMap(({ id }, place) => (ids.has(id) ? [place] : []));
}

function noRoom(): StashError {
  return new StashError(
    "adapter_unavailable",
    "Moving a stash to this node: expected room for it, found `maxBytes` used up by connected " +
      "pages. The stash stays on its node. Raise `maxBytes` of createMemoryAdapter().",
  );
}

/** The lookups at other nodes that are running, at most one for each stash. */
export class RunningFetches {
  readonly #byStash = new Map<StashId, Promise<void>>();
  readonly #byTransfer = new Map<TransferId, Promise<void>>();

  /** Returns a promise of the end of the lookup of this stash, if one is running. It never rejects. */
  ofStash(id: StashId): Promise<void> | undefined {
    return this.#byStash.get(id);
  }

  /** Returns a promise of the end of the lookup with this transfer id, if it is running. It never rejects. */
  ofTransfer(transferId: TransferId): Promise<void> | undefined {
    return this.#byTransfer.get(transferId);
  }

  async run<Outcome>(
    id: StashId,
    transferId: TransferId,
    lookup: () => Promise<Outcome>,
  ): Promise<Outcome> {
    const outcome = lookup();
    const end = outcome.then(
      () => undefined,
      () => undefined,
    );
    this.#byStash.set(id, end);
    this.#byTransfer.set(transferId, end);
    try {
      return await outcome;
    } finally {
      this.#byStash.delete(id);
      this.#byTransfer.delete(transferId);
    }
  }
}
