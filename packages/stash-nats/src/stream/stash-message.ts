import { OWNER_KEY_BYTES, type OwnerKey } from "./owner-key.ts";

/** Until when a stash lives. */
export interface Lease {
  /** In ms since the epoch. */
  readonly deadlineMs: number;
  /**
   * The node whose signs of life put the deadline off, each to its own time and `lengthMs`.
   * `undefined`: nobody's, as the view has ended.
   */
  readonly node: string | undefined;
  readonly lengthMs: number;
}

/** What is stored about one stash, each message under the condition that no other came in between. */
export type StashMessage =
  /** Everything. */
  | {
      readonly kind: "state";
      readonly owner: OwnerKey;
      readonly lease: Lease;
      readonly record: Uint8Array;
    }
  /** Another owner, or only another deadline; the record is that of the last state. */
  | {
      readonly kind: "marker";
      readonly owner: OwnerKey | undefined;
      readonly lease: Lease;
      /** Which one since the last state it is: 1, 2, … */
      readonly count: number;
    }
  /** It was forgotten. */
  | { readonly kind: "gone" };

/**
 * Layout: flags and count (1 byte) · deadline (6) · if leased: node (6), length in ms (4) · if it has
 * an owner: owner (16) · if it is a state: the record. `gone` is its first byte.
 */
const LEASED = 1;
const OWNED = 2;
const STATE = 4;
const GONE = 8;
const COUNT_SHIFT = 4;
const DEADLINE_BYTES = 6;
const NODE_BYTES = 6;
const LENGTH_BYTES = 4;

/** What a state takes besides its record, in bytes. */
export const STATE_OVERHEAD_BYTES =
  1 + DEADLINE_BYTES + NODE_BYTES + LENGTH_BYTES + OWNER_KEY_BYTES;

/** The largest deadline that a message can hold. */
export const MAX_DEADLINE_MS = 2 ** (8 * DEADLINE_BYTES) - 1;

const gone = Buffer.from([GONE]);

export function encodeMessage(message: StashMessage): Buffer {
  if (message.kind === "gone") return gone;
  const { owner, lease } = message;
  const record = message.kind === "state" ? message.record : undefined;
  const count = message.kind === "marker" ? message.count : 0;
  const isLeased = lease.node !== undefined;
  const flags =
    (isLeased ? LEASED : 0) |
    (owner === undefined ? 0 : OWNED) |
    (record === undefined ? 0 : STATE);
  const bytes = Buffer.allocUnsafe(
    1 +
      DEADLINE_BYTES +
      (isLeased ? NODE_BYTES + LENGTH_BYTES : 0) +
      (owner?.length ?? 0) +
      (record?.length ?? 0),
  );
  let at = bytes.writeUInt8(flags | (count << COUNT_SHIFT), 0);
  at = bytes.writeUIntBE(lease.deadlineMs, at, DEADLINE_BYTES);
  if (lease.node !== undefined) {
    at += bytes.write(lease.node, at, NODE_BYTES, "base64url");
    at = bytes.writeUInt32BE(lease.lengthMs, at);
  }
  if (owner !== undefined) at += bytes.write(owner, at, "latin1");
  if (record !== undefined) bytes.set(record, at);
  return bytes;
}

/** The message, or `undefined` for what is none. The record is a part of `bytes`. */
export function decodeMessage(bytes: Buffer): StashMessage | undefined {
  const first = bytes[0];
  if (first === undefined) return undefined;
  if (first === GONE) return { kind: "gone" };
  const isLeased = (first & LEASED) !== 0;
  const isOwned = (first & OWNED) !== 0;
  const deadlineAt = 1;
  const nodeAt = deadlineAt + DEADLINE_BYTES;
  const ownerAt = nodeAt + (isLeased ? NODE_BYTES + LENGTH_BYTES : 0);
  const recordAt = ownerAt + (isOwned ? OWNER_KEY_BYTES : 0);
  if ((first & GONE) !== 0 || bytes.length < recordAt) return undefined;
  const lease: Lease = {
    deadlineMs: bytes.readUIntBE(deadlineAt, DEADLINE_BYTES),
    node: isLeased ? bytes.toString("base64url", nodeAt, nodeAt + NODE_BYTES) : undefined,
    lengthMs: isLeased ? bytes.readUInt32BE(nodeAt + NODE_BYTES) : 0,
  };
  const owner = isOwned ? bytes.toString("latin1", ownerAt, recordAt) : undefined;
  if ((first & STATE) === 0) {
    return { kind: "marker", owner, lease, count: first >> COUNT_SHIFT };
  }
  if (owner === undefined) return undefined;
  return { kind: "state", owner, lease, record: bytes.subarray(recordAt) };
}

/** A node's sign of life: what it wrote up to a sequence lives on from `timeMs` for its length. */
export interface SignOfLife {
  readonly timeMs: number;
  readonly coversSeq: number;
}

const SIGN_BYTES = 12;

export function encodeSign({ timeMs, coversSeq }: SignOfLife): Buffer {
  const bytes = Buffer.allocUnsafe(SIGN_BYTES);
  bytes.writeUIntBE(timeMs, 0, 6);
  bytes.writeUIntBE(coversSeq, 6, 6);
  return bytes;
}

export function decodeSign(bytes: Buffer): SignOfLife | undefined {
  if (bytes.length < SIGN_BYTES) return undefined;
  return { timeMs: bytes.readUIntBE(0, 6), coversSeq: bytes.readUIntBE(6, 6) };
}
