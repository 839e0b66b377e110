import { ByteReader } from "./byte-reader.ts";
import { byteOf, listOf, nodeNameOf, uint32Of } from "./bytes-of.ts";
import type { MoveNumber } from "./moves.ts";
import type { NodeName } from "./peer-network.ts";
import { PROTOCOL_VERSION } from "./messages.ts";

/** What a node answers. That it knows nothing is no answer at all. */
export type PeerAnswer = { readonly node: NodeName } & PeerSaying;

export type PeerSaying =
  /** The stash is the asker's. If it was on its way to the asker already, that offer is void. */
  | { readonly kind: "given"; readonly record: Uint8Array; readonly voidOffer: MoveNumber }
  /** A later view owns the stash. */
  | { readonly kind: "superseded" }
  /** It went there; with a move other than 0 it is still on its way. */
  | { readonly kind: "moved"; readonly to: NodeName; readonly move: MoveNumber }
  /** It did not come with that move, and will not. */
  | { readonly kind: "never" }
  /** It came with that move. (Asked for the stash: it came, and has ended since.) */
  | { readonly kind: "taken" }
  /** It may yet come with that move. */
  | { readonly kind: "pending" }
  /** Those moves are over. */
  | { readonly kind: "settled" }
  /** What was offered is kept, but for those at these places; if it is full, it keeps no more. */
  | { readonly kind: "kept"; readonly refused: readonly number[]; readonly isFull: boolean };

const KINDS = [
  "given",
  "superseded",
  "moved",
  "never",
  "taken",
  "pending",
  "settled",
  "kept",
] as const;

export function encodeAnswer(answer: PeerAnswer): Buffer {
  return Buffer.concat([
    byteOf(PROTOCOL_VERSION),
    byteOf(KINDS.indexOf(answer.kind)),
    nodeNameOf(answer.node),
    ...partsOf(answer),
  ]);
}

function partsOf(saying: PeerSaying): readonly Uint8Array[] {
  switch (saying.kind) {
    case "given":
      return [uint32Of(saying.voidOffer), saying.record];
    case "moved":
      return [nodeNameOf(saying.to), uint32Of(saying.move)];
    case "kept":
      return [listOf(saying.refused, uint32Of), byteOf(saying.isFull ? 1 : 0)];
    default:
      return [];
  }
}

/** `undefined` for what is no answer of this version. */
export function decodeAnswer(bytes: Uint8Array): PeerAnswer | undefined {
  try {
    const reader = new ByteReader(bytes);
    if (reader.byte() !== PROTOCOL_VERSION) return undefined;
    const kind = KINDS[reader.byte()];
    const node = reader.nodeName();
    const saying = kind === undefined ? undefined : readSaying(kind, reader);
    return saying === undefined || !reader.isAtEnd ? undefined : { node, ...saying };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function readSaying(kind: (typeof KINDS)[number], reader: ByteReader): PeerSaying {
  switch (kind) {
    case "given":
      return { kind, voidOffer: reader.uint32(), record: reader.rest() };
    case "moved":
      return { kind, to: reader.nodeName(), move: reader.uint32() };
    case "kept":
      return { kind, refused: reader.list(() => reader.uint32()), isFull: reader.byte() === 1 };
    default:
      return { kind };
  }
}
