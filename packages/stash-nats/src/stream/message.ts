import { hash } from "node:crypto";
import { ORDER_CHARACTERS, type Owner, type StashId } from "live-stash/adapter";

const ORDER_BYTES = 7;
const NAME_BYTES = 9;

/** How long an `OwnerKey` is. */
export const OWNER_KEY_BYTES = ORDER_BYTES + NAME_BYTES;

/**
 * An owner on the servers, in 16 bytes instead of about 30, as every message that names one is copied
 * several times: its order as a number, and 72 bits of SHA-256 of the whole name. One character for
 * each byte.
 */
export type OwnerKey = string;

export function ownerKey(owner: Owner): OwnerKey {
  const key = Buffer.alloc(OWNER_KEY_BYTES);
  // 36^10 is less than 2^53.
  const order = Number.parseInt(owner.slice(0, ORDER_CHARACTERS), 36);
  key.writeUInt8(Math.floor(order / 2 ** 48), 0);
  key.writeUIntBE(order % 2 ** 48, 1, 6);
  hash("sha256", owner, "buffer").copy(key, ORDER_BYTES, 0, NAME_BYTES);
  return key.toString("latin1");
}

/** Whether the owner is of an earlier order than the other, as `isEarlierOwner` of names. */
export function isEarlierKey(owner: OwnerKey, other: OwnerKey): boolean {
  return owner.slice(0, ORDER_BYTES) < other.slice(0, ORDER_BYTES);
}

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

/**
 * What is stored about one stash. Each message names the one that it follows, and counts only if that
 * is the last one that counted before it: of two that follow the same one, the first.
 */
export type StashMessage =
  /** Everything. */
  | {
      readonly kind: "state";
      readonly followsSeq: number;
      readonly owner: OwnerKey;
      readonly lease: Lease;
      readonly record: Uint8Array;
    }
  /** Another owner, or only another deadline; the record is that of the last state. */
  | {
      readonly kind: "marker";
      readonly followsSeq: number;
      readonly owner: OwnerKey | undefined;
      readonly lease: Lease;
    }
  /** It was forgotten. */
  | { readonly kind: "gone"; readonly followsSeq: number };

/**
 * Layout: flags (1 byte) · the sequence that it follows, 0 for none (6) · unless it is gone: deadline
 * (6) · if leased: node (6), length in ms (4) · if it has an owner: owner (16) · if it is a state: the
 * record.
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

/** What a state takes besides its record, in bytes. */
export const STATE_OVERHEAD_BYTES = NODE_AT + NODE_BYTES + LENGTH_BYTES + OWNER_KEY_BYTES;

/** The largest deadline that a message can hold. */
export const MAX_DEADLINE_MS = 2 ** (8 * DEADLINE_BYTES) - 1;

/** The longest lease that signs of life can put off, 49 days. */
export const MAX_LENGTH_MS = 2 ** (8 * LENGTH_BYTES) - 1;

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
 * The message, or `undefined` for what is none. The record is a copy: what comes from a socket is a part
 * of something much larger.
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
  if ((flags & STATE) === 0) return { kind: "marker", followsSeq, owner, lease };
  if (owner === undefined) return undefined;
  return { kind: "state", followsSeq, owner, lease, record: Buffer.from(bytes.subarray(recordAt)) };
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

/**
 * The subjects of one application: everything begins with the name of its stream. They are part of
 * every message, some of them several times on its way, so they are short.
 */
export interface Subjects {
  /** Of all that is stored. */
  readonly stored: readonly string[];
  /** Of one stash. */
  stash(name: string): string;
  /** Of one node's sign of life. */
  node(node: string): string;
  /** Of what is only stored to be given a sequence. */
  readonly probe: string;
  /** Where the servers are asked to let go of messages. */
  readonly purge: string;
  /** Of what one node is sent for its mirror. */
  delivery(name: string): string;
  /** Of the acknowledgements for one node. */
  reply(node: string): string;
  /** The name in the subject of a stash, and that in a node's. */
  stashOf(subject: string): string | undefined;
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

const NAME_CHARACTERS = 16;

/**
 * The name of a stash on the servers: 96 bits of SHA-256 of its id. Who reads subjects does not learn
 * the ids that browsers' strings carry, and no two of a billion stashes share a name.
 */
export function stashName(id: StashId): string {
  return hash("sha256", id, "base64url").slice(0, NAME_CHARACTERS);
}
