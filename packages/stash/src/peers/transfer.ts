// The life of a transfer: a stash moves from one node, its holder, to another one, its receiver.
//
// 1. The transfer begins in one of two ways. A page has come back to the receiver, which fetches
//    the stash from the holder (lookup.ts sends `fetch`, serve-peer.ts answers `transferred`). Or
//    the holder is about to stop and offers its stashes in batches (hand-over.ts sends `offer`).
// 2. From now on the transfer is outgoing at the holder (outgoing.ts): the receiver owns the stash,
//    and the holder retains a copy that no call of an old view can change.
// 3. The receiver accepts the stash (incoming.ts): the stash is in its store, and the transfer is
//    incoming.
// 4. The receiver confirms (confirmations.ts): a fetch with a `confirm` at most 100 ms later, or
//    with its next `fetch`, and an offer with its answer, `accepted`. The holder deletes its copy
//    and keeps a forwarding for five minutes: old views are answered `not_owner`, and nodes that
//    look for the stash are answered `forwarded`.
//
// A transfer that is not confirmed may have failed, or the receiver may be frozen with the stash
// and a newer state of it. So the holder neither restores its copy nor sends the copy elsewhere
// before it knows which:
//
// - The receiver fetches the stash once more: a receiver that had the stash would have confirmed
//   the transfer, so the transfer failed. The holder sends the copy again, under the new transfer
//   id. If the failed transfer was an offer, the answer names it as `voidOffer`, and the receiver
//   rejects that offer should it still arrive. A delayed fetch with an earlier transfer id proves
//   nothing; it is answered `forwarded`, and no view waits for that.
// - Another node fetches the stash: the holder answers `forwarded`, with the transfer id. That node
//   asks the receiver. If the transfer did not arrive, the receiver answers `not_received`, and
//   rejects the transfer from then on, if it is an offer. The node fetches from the holder again,
//   names the transfer as `rejected`, and gets the copy.
// - `checkAfterMs` has passed: the holder sends `check`. After `received` it confirms the transfer.
//   After `not_received`, or if the receiver is gone, it restores its copy. After `pending`, the
//   receiver's lookup is still running, and if the receiver is silent, nothing is known: the holder
//   asks again after another `checkAfterMs`.

import type { NodeName } from "./peer-network.ts";

/**
 * The number of a transfer between two nodes. The node that begins the transfer numbers it: the
 * receiver of a fetch, the holder of an offer. Offers have numbers of their own, so that the two
 * never collide.
 */
export type TransferId = number;

/**
 * A transfer as a third node refers to it. `node` is the other party, from the view of the node
 * that is asked.
 */
export interface TransferRef {
  readonly node: NodeName;
  readonly transferId: TransferId;
}

/** The upper half of the 32-bit numbers in messages. */
const FIRST_OFFER = 0x8000_0000;

export const isOffer = (transferId: TransferId): boolean => transferId >= FIRST_OFFER;

/** Whether a fetch of a node began before another one of that node. The numbers wrap around. */
export function isEarlierFetch(transferId: TransferId, other: TransferId): boolean {
  const distance = (other - transferId + FIRST_OFFER) % FIRST_OFFER;
  return distance > 0 && distance < FIRST_OFFER / 2;
}

/** Numbers the transfers that one node begins. 0 is none of them. */
export class TransferIds {
  #fetches = 0;
  #offers = 0;

  nextFetch(): TransferId {
    this.#fetches = (this.#fetches + 1) % FIRST_OFFER || 1;
    return this.#fetches;
  }

  nextOffer(): TransferId {
    this.#offers = (this.#offers + 1) % FIRST_OFFER;
    return FIRST_OFFER + this.#offers;
  }
}
