import type { Owner, StashId } from "../store/adapter.ts";
import type { NodeName } from "./peer-network.ts";
import type { TransferId, TransferRef } from "./transfer.ts";

/** The first byte of every message. A node does not answer a version that it does not know. */
export const PROTOCOL_VERSION = 2;

/** Asks for a stash, for an owner at the asking node. */
export interface FetchRequest {
  readonly kind: "fetch";
  readonly asker: NodeName;
  readonly transferId: TransferId;
  readonly id: StashId;
  readonly owner: Owner;
  /** Fetches of the asker, from any node, which this request confirms too. */
  readonly confirmed: readonly TransferId[];
  /** The holder that forwarded the asker to this node, and its unconfirmed transfer to this node. */
  readonly follows?: TransferRef | undefined;
  /** The failed transfer from the node that is asked: its receiver has rejected it, or is gone. */
  readonly rejected?: TransferRef | undefined;
  /** The asker can use only the stash itself, so confirmed transfers are not answered with `forwarded`. */
  readonly ignoresForwardings: boolean;
}

/** Confirms fetches of the asker from this node. Without any, it is a ping. */
export interface ConfirmRequest {
  readonly kind: "confirm";
  readonly asker: NodeName;
  readonly transferIds: readonly TransferId[];
}

/** Asks whether this node has received a stash by a transfer of the asker. */
export interface CheckRequest {
  readonly kind: "check";
  readonly asker: NodeName;
  readonly transferId: TransferId;
  readonly id: StashId;
}

/** Hands stashes over: the asker is about to stop. */
export interface OfferRequest {
  readonly kind: "offer";
  readonly asker: NodeName;
  readonly transferId: TransferId;
  readonly entries: readonly OfferedEntry[];
}

/** A stash with its remaining time instead of a deadline, because the clocks of nodes need not agree. */
export interface OfferedEntry {
  readonly id: StashId;
  readonly owner: Owner;
  readonly record: Uint8Array;
  /** In ms. `Infinity` while the view is connected; negative if the stash has expired. */
  readonly remainingMs: number;
}

export type PeerRequest = FetchRequest | ConfirmRequest | CheckRequest | OfferRequest;

/** The answer of a node. A node that knows nothing of the stash gives no answer. */
export type PeerAnswer = { readonly node: NodeName } & PeerAnswerBody;

export type PeerAnswerBody =
  /**
   * `fetch`: the stash. `voidOffer` is an offer of it to the asker that must not be accepted; 0 if
   * there is none.
   */
  | { readonly kind: "transferred"; readonly record: Uint8Array; readonly voidOffer: TransferId }
  /** `fetch`: a later view owns the stash. */
  | { readonly kind: "superseded" }
  /**
   * `fetch`: the stash went to another node, by this transfer if it is unconfirmed; by 0 if it is
   * confirmed.
   */
  | { readonly kind: "forwarded"; readonly to: NodeName; readonly transferId: TransferId }
  /** `fetch` that follows, or `check`: the transfer did not arrive, and will not be accepted. */
  | { readonly kind: "not_received" }
  /** `check`: the transfer has arrived. `fetch` that follows: it has, and the stash has ended since. */
  | { readonly kind: "received" }
  /** `check`: the lookup that began the transfer is still running, so it may yet arrive. */
  | { readonly kind: "pending" }
  /** `confirm`: the holder knows. */
  | { readonly kind: "confirmed" }
  /** `offer`: all is accepted, but for the stashes at these places. A full node accepts no further offer. */
  | { readonly kind: "accepted"; readonly rejected: readonly number[]; readonly isFull: boolean };

/** The kinds are sent as their places in these lists. */
const REQUEST_KINDS = ["fetch", "confirm", "check", "offer"] as const;
const ANSWER_KINDS = [
  "transferred",
  "superseded",
  "forwarded",
  "not_received",
  "received",
  "pending",
  "confirmed",
  "accepted",
] as const;

/** Flags of a `fetch`. */
const FOLLOWS = 1;
const REJECTED = 2;
const IGNORES_FORWARDINGS = 4;

export function encodeRequest(request: PeerRequest): Buffer {
  return messageOf(REQUEST_KINDS.indexOf(request.kind), request.asker, requestParts(request));
}

export function encodeAnswer(answer: PeerAnswer): Buffer {
  return messageOf(ANSWER_KINDS.indexOf(answer.kind), answer.node, answerParts(answer));
}

/** Returns `undefined` for bytes that are no request of this version. */
export function decodeRequest(bytes: Uint8Array): PeerRequest | undefined {
  return readMessage(bytes, REQUEST_KINDS, readRequest);
}

/** Returns `undefined` for bytes that are no answer of this version. */
export function decodeAnswer(bytes: Uint8Array): PeerAnswer | undefined {
  return readMessage(bytes, ANSWER_KINDS, readAnswer);
}

function requestParts(request: PeerRequest): readonly Uint8Array[] {
  switch (request.kind) {
    case "fetch": {
      const { transferId, id, owner, confirmed, follows, rejected, ignoresForwardings } = request;
      const flags =
        (follows ? FOLLOWS : 0) |
        (rejected ? REJECTED : 0) |
        (ignoresForwardings ? IGNORES_FORWARDINGS : 0);
      return [
        uint32Of(transferId),
        textOf(id),
        textOf(owner),
        listOf(confirmed, uint32Of),
        byteOf(flags),
        ...[follows, rejected].flatMap((ref) => (ref === undefined ? [] : [refOf(ref)])),
      ];
    }
    case "confirm":
      return [listOf(request.transferIds, uint32Of)];
    case "check":
      return [uint32Of(request.transferId), textOf(request.id)];
    case "offer":
      return [uint32Of(request.transferId), listOf(request.entries, entryOf)];
  }
}

function readRequest(
  kind: (typeof REQUEST_KINDS)[number],
  asker: NodeName,
  reader: ByteReader,
): PeerRequest {
  switch (kind) {
    case "fetch": {
      const [transferId, id, owner] = [reader.uint32(), reader.text(), reader.text()];
      const confirmed = reader.list(() => reader.uint32());
      const flags = reader.byte();
      const refs = {
        follows: (flags & FOLLOWS) === 0 ? undefined : readRef(reader),
        rejected: (flags & REJECTED) === 0 ? undefined : readRef(reader),
      };
      const ignoresForwardings = (flags & IGNORES_FORWARDINGS) !== 0;
      return { kind, asker, transferId, id, owner, confirmed, ...refs, ignoresForwardings };
    }
    case "confirm":
      return { kind, asker, transferIds: reader.list(() => reader.uint32()) };
    case "check":
      return { kind, asker, transferId: reader.uint32(), id: reader.text() };
    case "offer": {
      const transferId = reader.uint32();
      return { kind, asker, transferId, entries: reader.list(() => readEntry(reader)) };
    }
  }
}

function answerParts(answer: PeerAnswerBody): readonly Uint8Array[] {
  switch (answer.kind) {
    case "transferred":
      return [uint32Of(answer.voidOffer), answer.record];
    case "forwarded":
      return [nodeNameOf(answer.to), uint32Of(answer.transferId)];
    case "accepted":
      return [listOf(answer.rejected, uint32Of), byteOf(answer.isFull ? 1 : 0)];
    default:
      return [];
  }
}

function readAnswer(
  kind: (typeof ANSWER_KINDS)[number],
  node: NodeName,
  reader: ByteReader,
): PeerAnswer {
  switch (kind) {
    case "transferred":
      return { node, kind, voidOffer: reader.uint32(), record: reader.rest() };
    case "forwarded":
      return { node, kind, to: reader.nodeName(), transferId: reader.uint32() };
    case "accepted": {
      const rejected = reader.list(() => reader.uint32());
      return { node, kind, rejected, isFull: reader.byte() === 1 };
    }
    default:
      return { node, kind };
  }
}

const refOf = ({ node, transferId }: TransferRef): Buffer =>
  Buffer.concat([nodeNameOf(node), uint32Of(transferId)]);

const readRef = (reader: ByteReader): TransferRef => ({
  node: reader.nodeName(),
  transferId: reader.uint32(),
});

function entryOf({ id, owner, remainingMs, record }: OfferedEntry): Buffer {
  const head = [textOf(id), textOf(owner), doubleOf(remainingMs), uint32Of(record.length)];
  return Buffer.concat([...head, record]);
}

function readEntry(reader: ByteReader): OfferedEntry {
  const [id, owner, remainingMs] = [reader.text(), reader.text(), reader.double()];
  return { id, owner, remainingMs, record: reader.take(reader.uint32()) };
}

const messageOf = (kind: number, sender: NodeName, parts: readonly Uint8Array[]): Buffer =>
  Buffer.concat([byteOf(PROTOCOL_VERSION), byteOf(kind), nodeNameOf(sender), ...parts]);

function readMessage<Kind, Message>(
  bytes: Uint8Array,
  kinds: readonly Kind[],
  readParts: (kind: Kind, sender: NodeName, reader: ByteReader) => Message,
): Message | undefined {
  try {
    const reader = new ByteReader(bytes);
    if (reader.byte() !== PROTOCOL_VERSION) return undefined;
    const kind = kinds[reader.byte()];
    if (kind === undefined) return undefined;
    const message = readParts(kind, reader.nodeName(), reader);
    return reader.isAtEnd ? message : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

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

/** Encodes text of at most 255 ASCII characters, behind its length. */
function textOf(text: string): Buffer {
  const bytes = Buffer.from(text, "latin1");
  return Buffer.concat([byteOf(bytes.length), bytes]);
}

/** Encodes a list, behind the number of its elements. */
function listOf<Element>(
  elements: readonly Element[],
  encode: (element: Element) => Buffer,
): Buffer {
  return Buffer.concat([uint32Of(elements.length), ...elements.map((element) => encode(element))]);
}

/** Reads a message from start to end. Throws a `RangeError` if the message ends too early. */
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

  text(): string {
    return this.take(this.byte()).toString("latin1");
  }

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
