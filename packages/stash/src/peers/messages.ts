import type { Owner, StashId } from "../store/adapter.ts";
import type { MoveNumber, MoveOf } from "./transfer.ts";
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

const REQUEST_KINDS = ["take", "settle", "check", "offer"] as const;

const FOLLOWS = 1;
const DENIED = 2;
const LAST = 4;

export function encodeRequest(request: PeerRequest): Buffer {
  return Buffer.concat([
    byteOf(PROTOCOL_VERSION),
    byteOf(REQUEST_KINDS.indexOf(request.kind)),
    nodeNameOf(request.asker),
    ...requestPartsOf(request),
  ]);
}

function requestPartsOf(request: PeerRequest): readonly Buffer[] {
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
    const kind = REQUEST_KINDS[reader.byte()];
    const asker = reader.nodeName();
    const request = kind === undefined ? undefined : readRequest(kind, asker, reader);
    return reader.isAtEnd ? request : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function readRequest(
  kind: (typeof REQUEST_KINDS)[number],
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

const ANSWER_KINDS = [
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
    byteOf(ANSWER_KINDS.indexOf(answer.kind)),
    nodeNameOf(answer.node),
    ...answerPartsOf(answer),
  ]);
}

function answerPartsOf(saying: PeerSaying): readonly Uint8Array[] {
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
    const kind = ANSWER_KINDS[reader.byte()];
    const node = reader.nodeName();
    const saying = kind === undefined ? undefined : readSaying(kind, reader);
    return saying === undefined || !reader.isAtEnd ? undefined : { node, ...saying };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function readSaying(kind: (typeof ANSWER_KINDS)[number], reader: ByteReader): PeerSaying {
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

/** Reads a message from its start to its end; throws a `RangeError` where something is missing. */
class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  byte(): number {
    return this.#bytes.readUInt8(this.#skip(1));
  }

  uint32(): number {
    return this.#bytes.readUInt32BE(this.#skip(4));
  }

  double(): number {
    return this.#bytes.readDoubleBE(this.#skip(8));
  }

  nodeName(): NodeName {
    return this.take(8).toString("base64url");
  }

  /** Text of at most 255 bytes. */
  text(): string {
    return this.take(this.byte()).toString("latin1");
  }

  /** A list, behind the number of its elements. */
  list<Element>(read: () => Element): Element[] {
    const elements: Element[] = [];
    for (let left = this.uint32(); left > 0; left -= 1) elements.push(read());
    return elements;
  }

  take(byteLength: number): Buffer {
    const at = this.#skip(byteLength);
    return this.#bytes.subarray(at, at + byteLength);
  }

  rest(): Buffer {
    return this.take(this.#bytes.length - this.#at);
  }

  #skip(byteLength: number): number {
    const at = this.#at;
    if (at + byteLength > this.#bytes.length) throw new RangeError("A message ends too early.");
    this.#at += byteLength;
    return at;
  }
}

/** What messages are made of; `ByteReader` reads it. */
const byteOf = (value: number): Buffer => Buffer.of(value);

export function uint32Of(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function doubleOf(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes;
}

export const nodeNameOf = (name: NodeName): Buffer => Buffer.from(name, "base64url");

/** Text of at most 255 characters of ASCII. */
function textOf(text: string): Buffer {
  const bytes = Buffer.from(text, "latin1");
  return Buffer.concat([byteOf(bytes.length), bytes]);
}

/** A list, behind the number of its elements. */
function listOf<Element>(
  elements: readonly Element[],
  write: (element: Element) => Buffer,
): Buffer {
  return Buffer.concat([uint32Of(elements.length), ...elements.map((element) => write(element))]);
}
