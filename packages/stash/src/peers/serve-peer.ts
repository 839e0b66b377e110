import { isEarlierOwner } from "../store/owner.ts";
import {
  type CheckRequest,
  decodeRequest,
  encodeAnswer,
  type FetchRequest,
  type PeerAnswerBody,
  type PeerRequest,
} from "./messages.ts";
import type { OutgoingTransfer } from "./outgoing.ts";
import type { PeerNode } from "./peer-node.ts";
import { isEarlierFetch, isOffer } from "./transfer.ts";

/** Returns this node's answer to the request of a peer; `undefined` if it has none. Never rejects. */
export async function servePeer(
  node: PeerNode,
  bytes: Uint8Array,
): Promise<Uint8Array | undefined> {
  const request = decodeRequest(bytes);
  const answer = request === undefined ? undefined : await serve(node, request);
  return answer === undefined ? undefined : encodeAnswer({ node: node.name, ...answer });
}

async function serve(node: PeerNode, request: PeerRequest): Promise<PeerAnswerBody | undefined> {
  switch (request.kind) {
    case "fetch": {
      node.outgoing.confirmAll(request.asker, request.confirmed);
      // The lookup that fetches the stash to this node decides whether the followed transfer
      // arrives.
      const { follows } = request;
      if (follows !== undefined) await node.fetches.ofTransfer(follows.transferId);
      return transfer(node, request);
    }
    case "confirm":
      node.outgoing.confirmAll(request.asker, request.transferIds);
      return { kind: "confirmed" };
    case "check":
      return check(node, request);
    case "offer":
      return { kind: "accepted", ...node.incoming.acceptOffered(request, node.isLeaving) };
  }
}

/** Sends the stash to the asker, or forwards the asker to the node that the stash went to. */
function transfer(node: PeerNode, request: FetchRequest): PeerAnswerBody | undefined {
  const { id, owner, asker, transferId, follows, ignoresForwardings } = request;
  const taken = node.store.take(id, owner);
  if (taken.status === "superseded") return { kind: "superseded" };
  if (taken.status === "taken") {
    const { entry } = taken;
    node.outgoing.begin({ entry, to: asker, transferId, checkAfterMs: node.nextCheckMs() });
    return { kind: "transferred", record: entry.record, voidOffer: 0 };
  }
  // The followed transfer did not arrive, so any forwarding of this node is older than that
  // transfer.
  if (follows !== undefined && !node.incoming.has(follows.node, follows.transferId, id)) {
    if (isOffer(follows.transferId)) node.incoming.reject(follows.node, follows.transferId, id);
    return { kind: "not_received" };
  }
  const outgoing = node.outgoing.get(id);
  if (outgoing !== undefined) return transferAgain(node, outgoing, request);
  const forwarding = ignoresForwardings ? undefined : node.outgoing.forwardingOf(id);
  if (forwarding !== undefined) return { kind: "forwarded", ...forwarding };
  return follows === undefined ? undefined : { kind: "received" };
}

/** Sends a retained copy again, but only if the unconfirmed transfer is known to have failed. */
function transferAgain(
  node: PeerNode,
  outgoing: OutgoingTransfer,
  { owner, asker, transferId, rejected }: FetchRequest,
): PeerAnswerBody {
  const { entry, to, transferId: earlier } = outgoing;
  // A node that fetches a stash again did not receive the stash, because it would have confirmed
  // the transfer. A delayed fetch with an earlier transfer id proves nothing.
  const isLate = !isOffer(earlier) && isEarlierFetch(transferId, earlier);
  const isRejected = rejected?.node === to && rejected.transferId === earlier;
  const hasFailed = to === asker ? !isLate : isRejected;
  if (!hasFailed) return { kind: "forwarded", to, transferId: earlier };
  if (isEarlierOwner(owner, entry.owner)) return { kind: "superseded" };
  const voidOffer = to === asker && isOffer(earlier) ? earlier : 0;
  node.outgoing.redirect(outgoing, asker, transferId, node.nextCheckMs());
  return { kind: "transferred", record: entry.record, voidOffer };
}

/** Answers whether a transfer of the asker has arrived. If it has not, this node rejects an offer from now on. */
function check(node: PeerNode, { asker, transferId, id }: CheckRequest): PeerAnswerBody {
  if (node.incoming.has(asker, transferId, id)) return { kind: "received" };
  if (isOffer(transferId)) node.incoming.reject(asker, transferId, id);
  else if (node.fetches.ofTransfer(transferId) !== undefined) return { kind: "pending" };
  return { kind: "not_received" };
}
