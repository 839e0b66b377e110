import type { LoadOutcome } from "../store/adapter.ts";
import { StashError } from "../errors.ts";
import { forgetWhereItWent } from "./giving.ts";
import type { MemoryNode } from "./peer-node.ts";
import type { MoveNumber } from "./transfer.ts";
import type { PeerAnswer } from "./messages.ts";
import type { StashedEntry } from "../memory/entry.ts";

/**
 * Keeps a stash that another node has given to a view of this one. Rejects with `adapter_unavailable`
 * if there is no room: the stash stays where it is then, as that node is never told that it came.
 */
export function keepGiven(
  node: MemoryNode,
  { id, owner, deadlineMs }: Omit<StashedEntry, "record">,
  move: MoveNumber,
  { node: holder, record, voidOffer }: PeerAnswer & { readonly kind: "given" },
): LoadOutcome {
  if (!node.store.put({ id, owner, record, deadlineMs })) throw noRoom();
  forgetWhereItWent(node, id);
  node.arrivals.add(holder, move);
  if (voidOffer !== 0) node.arrivals.refuse(holder, voidOffer, id);
  node.counts.movedIn += 1;
  return { status: "loaded", record: viewOf(record) };
}

/** A plain array, as from the store: nobody else has the memory of a message. */
const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

function noRoom(): StashError {
  return new StashError(
    "adapter_unavailable",
    "Bringing a stash from another node: expected room for it here, found `maxBytes` used up by " +
      "connected pages. It stays where it is. Raise `maxBytes` of createMemoryAdapter().",
  );
}
