import { hash } from "node:crypto";
import { ORDER_CHARACTERS, type Owner, type StashId } from "live-stash/adapter";

/**
 * The subjects of one application, which all begin with the name of its stream. A subject is part of
 * every message, and is copied several times on its way, so subjects are short.
 */
export interface Subjects {
  /** Matches everything that the stream stores. */
  readonly stored: readonly string[];
  /** The subject of one stash. */
  stash(name: string): string;
  /** The subject of one node's heartbeats. */
  node(node: string): string;
  /** Messages that are stored only to be given a sequence. */
  readonly probe: string;
  /** The API of the servers that deletes messages of the stream. */
  readonly purge: string;
  /** The subject on which one consumer delivers to this node's mirror. */
  delivery(name: string): string;
  /** The prefix of the subjects on which one node receives acknowledgements. */
  reply(node: string): string;
  /** Returns the name of the stash that a subject belongs to. */
  stashOf(subject: string): string | undefined;
  /** Returns the node that a heartbeat's subject belongs to. */
  nodeOf(subject: string): string | undefined;
}

export function subjectsOf(stream: string): Subjects {
  const [stash, node, probe] = [`${stream}.s.`, `${stream}.n.`, `${stream}.p`];
  const after = (prefix: string, subject: string): string | undefined =>
    subject.startsWith(prefix) ? subject.slice(prefix.length) : undefined;
  return {
    stored: [`${stash}*`, `${node}*`, probe],
    stash: (name) => stash + name,
    node: (name) => node + name,
    probe,
    purge: `$JS.API.STREAM.PURGE.${stream}`,
    delivery: (name) => `${stream}.m.${name}`,
    reply: (name) => `${stream}.r.${name}`,
    stashOf: (subject) => after(stash, subject),
    nodeOf: (subject) => after(node, subject),
  };
}

/** Characters of a stash's name: 96 bits, so that no two of a billion stashes share a name. */
const STASH_NAME_CHARACTERS = 16;

/**
 * Returns the name of a stash on the servers, a hash of its id: a reader of subjects does not learn
 * the ids that browsers' tokens carry.
 */
export function stashName(id: StashId): string {
  return hash("sha256", id, "base64url").slice(0, STASH_NAME_CHARACTERS);
}

/** Bytes of an owner's order: 36^10 orders fit into 52 bits. */
const ORDER_BYTES = 7;
/** Bytes of the hash of an owner's name, which fill the key up to 16 bytes. */
const OWNER_HASH_BYTES = 9;

/** The length of an `OwnerKey`. */
export const OWNER_KEY_BYTES = ORDER_BYTES + OWNER_HASH_BYTES;

/**
 * An owner as messages name it: its order as a number, then 72 bits of SHA-256 of the whole name, one
 * character for each byte. It takes 16 bytes instead of about 30, because each message is copied to
 * every server and node.
 */
export type OwnerKey = string;

export function ownerKey(owner: Owner): OwnerKey {
  const key = Buffer.alloc(OWNER_KEY_BYTES);
  const order = Number.parseInt(owner.slice(0, ORDER_CHARACTERS), 36);
  key.writeUInt8(Math.floor(order / 2 ** 48), 0);
  key.writeUIntBE(order % 2 ** 48, 1, 6);
  hash("sha256", owner, "buffer").copy(key, ORDER_BYTES, 0, OWNER_HASH_BYTES);
  return key.toString("latin1");
}

/** Compares the orders of two owners by their keys, as `isEarlierOwner` does by their names. */
export function isEarlierKey(owner: OwnerKey, other: OwnerKey): boolean {
  return owner.slice(0, ORDER_BYTES) < other.slice(0, ORDER_BYTES);
}

/** A deadline that heartbeats of one node may extend. */
export interface Lease {
  /** In ms since the epoch. */
  readonly deadlineMs: number;
  /**
   * The node whose heartbeats extend the deadline, each to the heartbeat's time and `lengthMs`.
   * `undefined`: none, because the view has ended.
   */
  readonly node: string | undefined;
  readonly lengthMs: number;
}

/**
 * A message about one stash. Each message names its predecessor, and is accepted only if that is the
 * latest accepted message: of two messages with the same predecessor, the first is accepted.
 */
export type StashMessage =
  /** A whole stash. */
  | {
      readonly kind: "state";
      readonly followsSeq: number;
      readonly owner: OwnerKey;
      readonly lease: Lease;
      readonly record: Uint8Array;
    }
  /** Another owner, or only another deadline; the record is that of the latest state. */
  | {
      readonly kind: "update";
      readonly followsSeq: number;
      readonly owner: OwnerKey | undefined;
      readonly lease: Lease;
    }
  /** The stash was forgotten. */
  | { readonly kind: "gone"; readonly followsSeq: number };

/**
 * The layout of a message: flags (1 byte) · sequence of the predecessor, 0 for none (6) · unless gone:
 * deadline (6) · if leased: node (6), length in ms (4) · if it names an owner: owner (16) · in a state:
 * the record.
 */
const LEASED = 1;
const OWNED = 2;
const STATE = 4;
const GONE = 8;
const ALL_FLAGS = LEASED | OWNED | STATE | GONE;
const SEQ_BYTES = 6;
const DEADLINE_BYTES = 6;
const NODE_BYTES = 6;
const LENGTH_BYTES = 4;
const FOLLOWS_AT = 1;
const DEADLINE_AT = FOLLOWS_AT + SEQ_BYTES;
const NODE_AT = DEADLINE_AT + DEADLINE_BYTES;

/** The bytes of a state besides its record. */
export const STATE_OVERHEAD_BYTES = NODE_AT + NODE_BYTES + LENGTH_BYTES + OWNER_KEY_BYTES;

/** The latest deadline that fits into a message. */
const MAX_DEADLINE_MS = 2 ** (8 * DEADLINE_BYTES) - 1;
/** The longest lease that fits into a message, 49 days. */
const MAX_LENGTH_MS = 2 ** (8 * LENGTH_BYTES) - 1;

/**
 * Returns the lease for a deadline.
 *
 * @param requestedAtMs when the call began, so that all stashes of one call have leases of one length
 * @param node the node whose heartbeats extend the lease, if any
 */
export function leaseFor(
  expiresAtMs: number,
  requestedAtMs: number,
  node: string | undefined,
): Lease {
  const deadlineMs = Math.max(0, Math.min(expiresAtMs, MAX_DEADLINE_MS));
  const lengthMs = deadlineMs - requestedAtMs;
  if (lengthMs > 0 && lengthMs <= MAX_LENGTH_MS) return { deadlineMs, node, lengthMs };
  return { deadlineMs, node: undefined, lengthMs: 0 };
}

export function encodeMessage(message: StashMessage): Buffer {
  if (message.kind === "gone") {
    const bytes = Buffer.allocUnsafe(DEADLINE_AT);
    bytes.writeUInt8(GONE, 0);
    bytes.writeUIntBE(message.followsSeq, FOLLOWS_AT, SEQ_BYTES);
    return bytes;
  }
  const { owner, lease, followsSeq } = message;
  const record = message.kind === "state" ? message.record : undefined;
  const leaseBytes = lease.node === undefined ? 0 : NODE_BYTES + LENGTH_BYTES;
  const bytes = Buffer.allocUnsafe(
    NODE_AT + leaseBytes + (owner?.length ?? 0) + (record?.length ?? 0),
  );
  const flags =
    (lease.node === undefined ? 0 : LEASED) |
    (owner === undefined ? 0 : OWNED) |
    (record === undefined ? 0 : STATE);
  bytes.writeUInt8(flags, 0);
  bytes.writeUIntBE(followsSeq, FOLLOWS_AT, SEQ_BYTES);
  let at = bytes.writeUIntBE(lease.deadlineMs, DEADLINE_AT, DEADLINE_BYTES);
  if (lease.node !== undefined) {
    at += bytes.write(lease.node, at, NODE_BYTES, "base64url");
    at = bytes.writeUInt32BE(lease.lengthMs, at);
  }
  if (owner !== undefined) at += bytes.write(owner, at, "latin1");
  if (record !== undefined) bytes.set(record, at);
  return bytes;
}

/**
 * Decodes a message; `undefined` if the bytes are of no known format. Copies the record, because bytes
 * from a socket are part of a much larger buffer.
 */
export function decodeMessage(bytes: Buffer): StashMessage | undefined {
  const flags = bytes[0];
  if (flags === undefined || flags > ALL_FLAGS || bytes.length < DEADLINE_AT) return undefined;
  const followsSeq = bytes.readUIntBE(FOLLOWS_AT, SEQ_BYTES);
  if (flags === GONE) return { kind: "gone", followsSeq };
  const isLeased = (flags & LEASED) !== 0;
  const isOwned = (flags & OWNED) !== 0;
  const ownerAt = NODE_AT + (isLeased ? NODE_BYTES + LENGTH_BYTES : 0);
  const recordAt = ownerAt + (isOwned ? OWNER_KEY_BYTES : 0);
  if ((flags & GONE) !== 0 || bytes.length < recordAt) return undefined;
  const lease: Lease = {
    deadlineMs: bytes.readUIntBE(DEADLINE_AT, DEADLINE_BYTES),
    node: isLeased ? bytes.toString("base64url", NODE_AT, NODE_AT + NODE_BYTES) : undefined,
    lengthMs: isLeased ? bytes.readUInt32BE(NODE_AT + NODE_BYTES) : 0,
  };
  const owner = isOwned ? bytes.toString("latin1", ownerAt, recordAt) : undefined;
  if ((flags & STATE) === 0) return { kind: "update", followsSeq, owner, lease };
  if (owner === undefined) return undefined;
  return { kind: "state", followsSeq, owner, lease, record: Buffer.from(bytes.subarray(recordAt)) };
}

/**
 * A node's heartbeat. It extends each lease of the node that was written up to `coversSeq`, to
 * `timeMs` and the lease's length.
 */
export interface Heartbeat {
  readonly timeMs: number;
  readonly coversSeq: number;
}

const HEARTBEAT_BYTES = 12;

export function encodeHeartbeat({ timeMs, coversSeq }: Heartbeat): Buffer {
  const bytes = Buffer.allocUnsafe(HEARTBEAT_BYTES);
  bytes.writeUIntBE(timeMs, 0, 6);
  bytes.writeUIntBE(coversSeq, 6, 6);
  return bytes;
}

export function decodeHeartbeat(bytes: Buffer): Heartbeat | undefined {
  if (bytes.length < HEARTBEAT_BYTES) return undefined;
  return { timeMs: bytes.readUIntBE(0, 6), coversSeq: bytes.readUIntBE(6, 6) };
}
