import { isEarlierOwner } from "../store/owner.ts";
import type { Departure } from "./outgoing.ts";
import { settleTaken } from "./giving.ts";
import { keepOffered } from "./keep-offered.ts";
import type { MemoryNode } from "./peer-node.ts";
import { isOffer } from "./transfer.ts";
import {
  type CheckRequest,
  decodeRequest,
  encodeAnswer,
  type PeerRequest,
  type PeerSaying,
  type TakeRequest,
} from "./messages.ts";

/** What this node says to a request of a peer. Never rejects. */
export async function answerPeer(
  node: MemoryNode,
  bytes: Uint8Array,
): Promise<Uint8Array | undefined> {
  const request = decodeRequest(bytes);
  const saying = request === undefined ? undefined : await answer(node, request);
  return saying === undefined ? undefined : encodeAnswer({ node: node.name, ...saying });
}

async function answer(node: MemoryNode, request: PeerRequest): Promise<PeerSaying | undefined> {
  switch (request.kind) {
    case "take": {
      settleTaken(node, request.asker, request.settled);
      // It may be on its way here: then whoever follows it waits until it is.
      const { follows } = request;
      if (follows !== undefined) await node.fetches.ofMove(follows.move);
      return give(node, request);
    }
    case "settle":
      settleTaken(node, request.asker, request.moves);
      return { kind: "settled" };
    case "check":
      return check(node, request);
    case "offer":
      return { kind: "kept", ...keepOffered(node, request) };
  }
}

/** Gives the stash to the asker, or says where to look. */
function give(node: MemoryNode, request: TakeRequest): PeerSaying | undefined {
  const { id, owner, asker, move, follows, isLast } = request;
  const taken = node.store.take(id, owner);
  if (taken.status === "superseded") return { kind: "superseded" };
  if (taken.status === "taken") {
    const { entry } = taken;
    node.departures.add({ entry, to: asker, move, leaseUntilMs: node.leaseUntilMs() });
    return { kind: "given", record: entry.record, voidOffer: 0 };
  }
  // It did not come with that move, so whatever is known here of where it went is older than that.
  const isAwaited = follows !== undefined && !node.arrivals.has(follows.node, follows.move, id);
  if (isAwaited) {
    if (isOffer(follows.move)) node.arrivals.refuse(follows.node, follows.move, id);
    return { kind: "never" };
  }
  const departure = node.departures.get(id);
  if (departure !== undefined) return giveAgain(node, departure, request);
  const movedTo = isLast ? undefined : node.moved.get(id);
  if (movedTo !== undefined) return { kind: "moved", to: movedTo, move: 0 };
  return follows === undefined ? undefined : { kind: "taken" };
}

/** A stash that is on its way already goes to another node only if it did not get to the first. */
function giveAgain(
  node: MemoryNode,
  departure: Departure,
  { owner, asker, move, denied }: TakeRequest,
): PeerSaying {
  const { entry, to } = departure;
  // Whoever asks for what was given to it has not got it: what it has got, it has settled.
  const isDenied = denied?.node === to && denied.move === departure.move;
  if (to !== asker && !isDenied) return { kind: "moved", to, move: departure.move };
  if (isEarlierOwner(owner, entry.owner)) return { kind: "superseded" };
  const voidOffer = to === asker && isOffer(departure.move) ? departure.move : 0;
  node.departures.redirect(departure, asker, move, node.leaseUntilMs());
  return { kind: "given", record: entry.record, voidOffer };
}

/** What became of a stash that the asker gave to this node. */
function check(node: MemoryNode, { asker, move, id }: CheckRequest): PeerSaying {
  if (node.arrivals.has(asker, move, id)) return { kind: "taken" };
  if (!isOffer(move) && node.fetches.ofMove(move) !== undefined) return { kind: "pending" };
  if (isOffer(move)) node.arrivals.refuse(asker, move, id);
  return { kind: "never" };
}
