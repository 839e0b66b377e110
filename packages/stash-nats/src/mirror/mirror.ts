import {
  decodeHeartbeat,
  decodeMessage,
  type Heartbeat,
  type Lease,
  type OwnerKey,
  type StashMessage,
} from "../stream/message.ts";
import { KEPT_MESSAGES, MAX_UPDATES } from "../stream/stream.ts";
import { StreamIdentity } from "./stream-identity.ts";

/** The approximate bytes of an entry besides its record: keys, the lease, and the maps' slots. */
const ENTRY_BYTES = 400;

/** One stash as a mirror knows it. */
export interface MirrorEntry {
  /** The sequence of the latest accepted message about this stash. */
  readonly seq: number;
  /** Empty, as is the record, if the stash was forgotten or its state is unknown. */
  readonly owner: OwnerKey;
  readonly lease: Lease;
  /** The record as it is stored: encrypted, if the adapter encrypts. */
  readonly record: Uint8Array;
  /** The sequence of the latest state. */
  readonly stateSeq: number;
  /** When the servers stored the latest state, in ms since the epoch. */
  readonly stateAtMs: number;
  /** The deadline of a stash whose state the servers had deleted before this mirror read it. */
  readonly unknownUntilMs: number | undefined;
  /** The number of messages since the latest state, rejected ones included. */
  messagesSince: number;
  /** The rejected messages since the latest state; `undefined` for none, which is the usual case. */
  rejected: ReadMessage[] | undefined;
}

/** A message as the mirror read it from the stream. */
interface ReadMessage {
  readonly seq: number;
  readonly message: StashMessage;
  readonly storedAtMs: number;
}

/** All that a call decides from: a stash as the mirror knows it, and the mirror's own state. */
export interface Knowledge {
  /** The stash, unless it is absent or has expired. */
  readonly entry: MirrorEntry | undefined;
  /** The sequence of the latest accepted message about this stash; 0 if unknown. */
  readonly lastSeq: number;
  /** Whether the servers still keep the state of this stash, as far as this node knows. */
  readonly isStored: boolean;
  /** The name under which this node takes leases. */
  readonly node: string;
  readonly appliedSeq: number;
  readonly epoch: number;
}

/** All stashes of the application, on this node, up to some sequence of the stream. */
export class Mirror {
  readonly identity = new StreamIdentity();
  readonly #entries = new Map<string, MirrorEntry>();
  readonly #heartbeats = new Map<string, Heartbeat>();
  readonly #leased = new Set<string>();
  #node: string;
  #recordBytes = 0;
  #appliedSeq = 0;
  #gapEndSeq = 0;
  #epoch = 0;
  #firstSeq = 0;

  constructor(node: string) {
    this.#node = node;
  }

  /** The mirror has applied every message up to this sequence. */
  get appliedSeq(): number {
    return this.#appliedSeq;
  }

  /** Counts how often the mirror was cleared. Sequences of an earlier epoch mean nothing. */
  get epoch(): number {
    return this.#epoch;
  }

  /**
   * The sequence at which the mirror continued after a gap. The mirror cannot know which message before
   * this sequence was accepted, because it did not read all of them.
   */
  get gapEndSeq(): number {
    return this.#gapEndSeq;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The approximate memory of all entries, in bytes. */
  get bytes(): number {
    return this.#recordBytes + ENTRY_BYTES * this.#entries.size;
  }

  /** The name under which this node takes leases. */
  get node(): string {
    return this.#node;
  }

  /** The names of the stashes whose deadlines this node's next heartbeat would extend. */
  get leased(): ReadonlySet<string> {
    return this.#leased;
  }

  /** Gives this node another name. No heartbeat extends the leases of the old name any more. */
  rename(node: string): void {
    this.#node = node;
    this.#leased.clear();
  }

  knowledgeOf(name: string, nowMs: number): Knowledge {
    const last = this.#entries.get(name);
    return {
      entry: this.living(name, nowMs),
      lastSeq: last?.seq ?? 0,
      isStored: last !== undefined && this.isStored(last),
      node: this.#node,
      appliedSeq: this.#appliedSeq,
      epoch: this.#epoch,
    };
  }

  /** Returns the entry of a stash that exists and has not expired. */
  living(name: string, nowMs: number): MirrorEntry | undefined {
    const entry = this.#entries.get(name);
    if (entry === undefined || entry.owner === "") return undefined;
    return this.deadlineMs(entry) > nowMs ? entry : undefined;
  }

  deadlineMs({ seq, lease }: MirrorEntry): number {
    const heartbeat = lease.node === undefined ? undefined : this.#heartbeats.get(lease.node);
    if (heartbeat === undefined || heartbeat.coversSeq < seq) return lease.deadlineMs;
    return heartbeat.timeMs + lease.lengthMs;
  }

  /** Whether the servers still keep the state of a stash, as far as this node knows. */
  isStored({ stateSeq }: MirrorEntry): boolean {
    return stateSeq >= this.#firstSeq;
  }

  /**
   * Whether the stash exists although its state is unknown. Only `KEPT_MESSAGES` later messages make
   * the servers delete a state; after fewer, the state never was in this stream.
   */
  isUnknown(name: string, nowMs: number): boolean {
    const { unknownUntilMs = 0, messagesSince = 0 } = this.#entries.get(name) ?? {};
    return unknownUntilMs > nowMs && messagesSince >= KEPT_MESSAGES;
  }

  /** Sets the first sequence that the servers still keep: they have deleted every earlier message. */
  startsAt(firstSeq: number): void {
    this.#firstSeq = firstSeq;
  }

  /**
   * Applies a message about a stash, and returns whether it is accepted: whether its predecessor is the
   * latest accepted message. So all mirrors accept the same messages.
   *
   * A mirror that starts late reads only the messages that the servers still keep. It may accept the
   * first of them wrongly; the next accepted message then names another predecessor, which corrects it.
   */
  applyStash(name: string, seq: number, bytes: Buffer, storedAtMs: number): boolean {
    const message = decodeMessage(bytes);
    // A newer version, which must not break this one, may write other formats.
    if (message === undefined) return false;
    const before = this.#entries.get(name);
    const read = { seq, message, storedAtMs };
    if (before !== undefined && message.followsSeq < before.seq) {
      before.messagesSince += 1;
      before.rejected ??= [];
      before.rejected.push(read);
      if (before.rejected.length > KEPT_MESSAGES) before.rejected.shift();
      return false;
    }
    this.#set(name, entryAfter(before, read));
    return true;
  }

  /** Applies a node's heartbeat. */
  applyHeartbeat(node: string, bytes: Buffer): void {
    const heartbeat = decodeHeartbeat(bytes);
    const last = this.#heartbeats.get(node);
    // A heartbeat that was delayed on its way may be stored after the next one.
    if (heartbeat === undefined || (last !== undefined && last.timeMs > heartbeat.timeMs)) return;
    this.#heartbeats.set(node, heartbeat);
  }

  /** Marks every message up to `seq` as applied: the servers delivered those that they still keep. */
  advance(seq: number): void {
    if (seq > this.#appliedSeq + 1) this.#gapEndSeq = seq;
    this.#appliedSeq = Math.max(this.#appliedSeq, seq);
  }

  /** Ignores the gaps so far: they are messages that were deleted before this mirror started. */
  forgetGaps(): void {
    this.#gapEndSeq = 0;
  }

  /** Clears everything: the stream is not the one that this mirror knew. */
  clear(): void {
    this.#entries.clear();
    this.#heartbeats.clear();
    this.#leased.clear();
    this.identity.clear();
    this.#recordBytes = 0;
    this.#appliedSeq = 0;
    this.#gapEndSeq = 0;
    this.#firstSeq = 0;
    this.#epoch += 1;
  }

  /**
   * Drops stashes that expired before `beforeMs`, and heartbeats up to `heartbeatsBeforeMs`. Returns
   * whether this node's next heartbeat would have revived one of the stashes.
   */
  sweep(beforeMs: number, heartbeatsBeforeMs: number): boolean {
    let hasDroppedLeased = false;
    for (const [name, entry] of this.#entries) {
      const endsAtMs = entry.owner === "" ? emptyUntilMs(entry) : this.deadlineMs(entry);
      if (endsAtMs > beforeMs) continue;
      hasDroppedLeased ||= this.#leased.has(name);
      this.#drop(name, entry);
    }
    for (const [node, { timeMs }] of this.#heartbeats) {
      if (timeMs <= heartbeatsBeforeMs) this.#heartbeats.delete(node);
    }
    return hasDroppedLeased;
  }

  #set(name: string, entry: MirrorEntry): void {
    this.#recordBytes += entry.record.length - (this.#entries.get(name)?.record.length ?? 0);
    this.#entries.set(name, entry);
    if (entry.lease.node === this.#node) this.#leased.add(name);
    else this.#leased.delete(name);
  }

  #drop(name: string, entry: MirrorEntry): void {
    this.#entries.delete(name);
    this.#leased.delete(name);
    this.#recordBytes -= entry.record.length;
  }
}

/** An entry's fields when only the sequence of its latest accepted message is known. */
const EMPTY = {
  owner: "",
  lease: { deadlineMs: 0, node: undefined, lengthMs: 0 },
  record: Buffer.alloc(0),
  messagesSince: 0,
  rejected: undefined,
  unknownUntilMs: undefined,
} as const;

/** Returns the entry of a stash after an accepted message. */
function entryAfter(before: MirrorEntry | undefined, accepted: ReadMessage): MirrorEntry {
  const { seq, message, storedAtMs } = accepted;
  if (message.kind === "gone") return { seq, ...EMPTY, stateSeq: seq, stateAtMs: storedAtMs };
  if (message.kind === "state") {
    const { owner, lease, record } = message;
    return {
      seq,
      owner,
      lease,
      record,
      messagesSince: 0,
      stateSeq: seq,
      unknownUntilMs: undefined,
      stateAtMs: storedAtMs,
      rejected: undefined,
    };
  }
  const predecessor = predecessorOf(before, message.followsSeq);
  if (predecessor === undefined || predecessor.owner === "") {
    // The servers deleted the state before this mirror started. A later message will bring a new one.
    const messagesSince = (before?.messagesSince ?? 0) + 1;
    const unknownUntilMs = message.lease.deadlineMs;
    return { seq, ...EMPTY, stateSeq: seq, stateAtMs: storedAtMs, messagesSince, unknownUntilMs };
  }
  const { owner = predecessor.owner, lease } = message;
  const messagesSince = predecessor.messagesSince + 1;
  return { ...predecessor, seq, owner, lease, messagesSince };
}

/**
 * Returns the entry as it was after the message with that sequence. A message rejected so far becomes
 * accepted if an accepted message names it as its predecessor.
 */
function predecessorOf(before: MirrorEntry | undefined, seq: number): MirrorEntry | undefined {
  if (before === undefined || before.seq === seq) return before;
  const accepted = before.rejected?.find((rejected) => rejected.seq === seq);
  if (accepted === undefined) return undefined;
  // The number of messages since the state is not known any more, so the next one must be a state.
  return { ...entryAfter(before, accepted), messagesSince: MAX_UPDATES };
}

/** Returns how long to remember that a stash was forgotten, or that its state is unknown. */
function emptyUntilMs({ stateAtMs, unknownUntilMs = 0 }: MirrorEntry): number {
  return Math.max(stateAtMs, unknownUntilMs);
}
