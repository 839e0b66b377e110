import type { Peer } from "./peer.ts";

/** Who holds no more than this is not closed for what all hold together, in bytes. */
const MODEST_BYTES = 64 * 1024;

/** The sockets of one session, or all that have none, and what they hold together. */
interface Group {
  readonly peers: Peer[];
  bytes: number;
}

/**
 * Closes sockets until all together hold no more than they may: those of the session that holds the
 * most, so that nobody is closed for what somebody else holds on many sockets. Where most of it is
 * frames whose rest does not come, whose sessions may be many, only these count at first.
 */
export function closeGreediest(
  peers: ReadonlySet<Peer>,
  held: { readonly total: number },
  maxBytes: number,
  nowMs: number,
): void {
  const modestBytes = Math.min(MODEST_BYTES, maxBytes / peers.size);
  let stalledBytes = 0;
  for (const peer of peers) stalledBytes += peer.stalledBytes(nowMs);
  if (stalledBytes > maxBytes / 2) {
    closeBy((peer) => peer.stalledBytes(nowMs), peers, held, maxBytes, modestBytes / 2);
  }
  closeBy((peer) => peer.heldBytes, peers, held, maxBytes, modestBytes);
}

function closeBy(
  bytesOf: (peer: Peer) => number,
  peers: ReadonlySet<Peer>,
  held: { readonly total: number },
  maxBytes: number,
  modestBytes: number,
): void {
  if (held.total <= maxBytes) return;
  const groups = groupsOf(bytesOf, peers);
  while (held.total > maxBytes) {
    let greediest: Group | undefined;
    for (const group of groups) {
      if (group.bytes > (greediest?.bytes ?? modestBytes)) greediest = group;
    }
    const peer = greediest?.peers.pop();
    if (greediest === undefined || peer === undefined) return;
    greediest.bytes -= bytesOf(peer);
    peer.closeForMemory(held.total);
  }
}

/** Those who hold anything, by session, each with its greediest socket last. */
function groupsOf(bytesOf: (peer: Peer) => number, peers: ReadonlySet<Peer>): Iterable<Group> {
  const groups = new Map<string | undefined, Group>();
  for (const peer of peers) {
    const bytes = bytesOf(peer);
    // One that was ended already waits for what it has under way.
    if (bytes === 0 || peer.stream.destroyed) continue;
    const group = groups.get(peer.sessionId) ?? { peers: [], bytes: 0 };
    group.peers.push(peer);
    group.bytes += bytes;
    groups.set(peer.sessionId, group);
  }
  for (const group of groups.values()) {
    group.peers.sort((left, right) => bytesOf(left) - bytesOf(right));
  }
  return [...groups.values()];
}
