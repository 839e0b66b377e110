import type { Owner, StashId } from "../store/adapter.ts";
import { ByteReader } from "./byte-reader.ts";
import { byteOf, doubleOf, listOf, nodeNameOf, textOf, uint32Of } from "./bytes-of.ts";
import type { MoveNumber, MoveOf } from "./moves.ts";
import type { NodeName } from "./peer-network.ts";

/** Goes first in every message; a node answers nothing to a version that it does not know. */
export const PROTOCOL_VERSION = 2;

/** Give me this stash, for this owner. */
export interface TakeRequest {
  readonly kind: "take";
  readonly asker: NodeName;
  readonly move: MoveNumber;
  readonly id: StashId;
  readonly owner: Owner;
  /** Moves of the asker that are over, from any node: no record need be kept for them. */
  readonly settled: readonly MoveNumber[];
  /** The asker was sent here: that node is giving the stash to this one. */
  readonly follows?: MoveOf | undefined;
  /** The asker comes back: that node did not get the stash, or does not answer. */
  readonly denied?: MoveOf | undefined;
  /** Answer only with the stash itself, not with where it went once. */
  readonly isLast: boolean;
}

/** These moves of the asker from this node are over. */
export interface SettleRequest {
  readonly kind: "settle";
  readonly asker: NodeName;
  readonly moves: readonly MoveNumber[];
}

/** Did this stash come to you with my move? */
export interface CheckRequest {
  readonly kind: "check";
  readonly asker: NodeName;
  readonly move: MoveNumber;
  readonly id: StashId;
}

/** The asker goes: keep these. */
export interface OfferRequest {
  readonly kind: "offer";
  readonly asker: NodeName;
  readonly move: MoveNumber;
  readonly entries: readonly OfferedEntry[];
}

/** A stash with the time that is left to it, in ms: clocks of nodes need not agree. */
export interface OfferedEntry {
  readonly id: StashId;
  readonly owner: Owner;
  readonly record: Uint8Array;
  /** `Infinity` while its view is connected; negative if it has expired. */
  readonly remainingMs: number;
}

export type PeerRequest = TakeRequest | SettleRequest | CheckRequest | OfferRequest;

const KINDS = ["take", "settle", "check", "offer"] as const;

const FOLLOWS = 1;
const DENIED = 2;
const LAST = 4;

export function encodeRequest(request: PeerRequest): Buffer {
  return Buffer.concat([
    byteOf(PROTOCOL_VERSION),
    byteOf(KINDS.indexOf(request.kind)),
    nodeNameOf(request.asker),
    ...partsOf(request),
  ]);
}

function partsOf(request: PeerRequest): readonly Buffer[] {
  switch (request.kind) {
    case "take": {
      const { follows, denied, isLast } = request;
      const flags = (follows ? FOLLOWS : 0) | (denied ? DENIED : 0) | (isLast ? LAST : 0);
      return [
        uint32Of(request.move),
        textOf(request.id),
        textOf(request.owner),
        listOf(request.settled, uint32Of),
        byteOf(flags),
        ...[follows, denied].flatMap((move) => (move === undefined ? [] : [moveOf(move)])),
      ];
    }
    case "settle":
      return [listOf(request.moves, uint32Of)];
    case "check":
      return [uint32Of(request.move), textOf(request.id)];
    case "offer":
      return [uint32Of(request.move), listOf(request.entries, entryOf)];
  }
}

const moveOf = ({ node, move }: MoveOf): Buffer =>
  Buffer.concat([nodeNameOf(node), uint32Of(move)]);

function entryOf({ id, owner, remainingMs, record }: OfferedEntry): Buffer {
  return Buffer.concat([
    textOf(id),
    textOf(owner),
    doubleOf(remainingMs),
    uint32Of(record.length),
    record,
  ]);
}

/** `undefined` for what is no request of this version. */
export function decodeRequest(bytes: Uint8Array): PeerRequest | undefined {
  try {
    const reader = new ByteReader(bytes);
    if (reader.byte() !== PROTOCOL_VERSION) return undefined;
    const kind = KINDS[reader.byte()];
    const asker = reader.nodeName();
    const request = kind === undefined ? undefined : readRequest(kind, asker, reader);
    return reader.isAtEnd ? request : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function readRequest(
  kind: (typeof KINDS)[number],
  asker: NodeName,
  reader: ByteReader,
): PeerRequest {
  switch (kind) {
    case "take":
      return readTake(asker, reader);
    case "settle":
      return { kind, asker, moves: reader.list(() => reader.uint32()) };
    case "check":
      return { kind, asker, move: reader.uint32(), id: reader.text() };
    case "offer":
      return { kind, asker, move: reader.uint32(), entries: reader.list(() => readEntry(reader)) };
  }
}

function readTake(asker: NodeName, reader: ByteReader): TakeRequest {
  const [move, id, owner] = [reader.uint32(), reader.text(), reader.text()];
  const settled = reader.list(() => reader.uint32());
  const flags = reader.byte();
  const follows = (flags & FOLLOWS) === 0 ? undefined : readMove(reader);
  const denied = (flags & DENIED) === 0 ? undefined : readMove(reader);
  const isLast = (flags & LAST) !== 0;
  return { kind: "take", asker, move, id, owner, settled, follows, denied, isLast };
}

const readMove = (reader: ByteReader): MoveOf => ({
  node: reader.nodeName(),
  move: reader.uint32(),
});

function readEntry(reader: ByteReader): OfferedEntry {
  const [id, owner, remainingMs] = [reader.text(), reader.text(), reader.double()];
  return { id, owner, remainingMs, record: reader.take(reader.uint32()) };
}
