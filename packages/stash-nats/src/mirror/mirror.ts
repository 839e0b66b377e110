import {
  decodeMessage,
  decodeSign,
  type Lease,
  type OwnerKey,
  type SignOfLife,
  type StashMessage,
} from "../stream/message.ts";
import { KEPT_MESSAGES, MAX_MARKERS } from "../stream/stream.ts";

/** What an entry takes besides its record, roughly. */
const ENTRY_BYTES = 400;
/** All stashes of the application as of some sequence of the stream, on this node. */
export class Mirror {
  readonly #entries = new Map<string, MirrorEntry>();
  readonly #signs = new Map<string, SignOfLife>();
  /** The stashes that this node's signs of life keep alive. */
  readonly #own = new Set<string>();
  #node: string;
  #recordBytes = 0;
  #appliedSeq = 0;
  #gapEndSeq = 0;
  #epoch = 0;
  #firstSeq = 0;

  constructor(node: string) {
    this.#node = node;
  }

  /** Everything up to this sequence was applied. */
  get appliedSeq(): number {
    return this.#appliedSeq;
  }

  /** Counts how often it began anew. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Whether the servers still have the state of a stash, as far as is known. */
  isStored({ stateSeq }: MirrorEntry): boolean {
    return stateSeq >= this.#firstSeq;
  }

  /** Everything before this sequence is gone from the servers: it was dropped, or has aged. */
  startsAt(firstSeq: number): void {
    this.#firstSeq = firstSeq;
  }

  /**
   * Whether there is such a stash, of which this mirror knows too little to tell more: servers kept so
   * many later messages that they let go of its state. After fewer, there is no state in this stream.
   */
  isUnknown(name: string, nowMs: number): boolean {
    const { unknownUntilMs = 0, messagesSince = 0 } = this.#entries.get(name) ?? {};
    return unknownUntilMs > nowMs && messagesSince >= KEPT_MESSAGES;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Memory that it takes, roughly. */
  get bytes(): number {
    return this.#recordBytes + ENTRY_BYTES * this.#entries.size;
  }

  /** The name under which this node takes leases. */
  get node(): string {
    return this.#node;
  }

  /** The stashes that this node's next sign of life would keep alive. */
  get own(): ReadonlySet<string> {
    return this.#own;
  }

  /** From now on this node takes leases under another name; those of the old one run out. */
  rename(node: string): void {
    this.#node = node;
    this.#own.clear();
  }

  /** What is known of a stash, whether it lives or not. */
  get(name: string): MirrorEntry | undefined {
    return this.#entries.get(name);
  }

  living(name: string, nowMs: number): MirrorEntry | undefined {
    const entry = this.#entries.get(name);
    if (entry === undefined || entry.owner === "") return undefined;
    return this.deadlineMs(entry) > nowMs ? entry : undefined;
  }

  deadlineMs({ seq, lease }: MirrorEntry): number {
    const sign = lease.node === undefined ? undefined : this.#signs.get(lease.node);
    if (sign === undefined || sign.coversSeq < seq) return lease.deadlineMs;
    return sign.timeMs + lease.lengthMs;
  }

  /**
   * What the stream says of a stash, and whether that counts. All mirrors come to the same result: a
   * message counts if it follows the last one that did.
   *
   * A mirror that came later begins with what the servers still have, and may take the first of it for
   * one that counts; what follows, follows another one then, and puts it right.
   */
  applyStash(name: string, seq: number, bytes: Buffer, storedAtMs: number): boolean {
    const message = decodeMessage(bytes);
    // Written by a newer version, which has to see to it that this one can go on.
    if (message === undefined) return false;
    const before = this.#entries.get(name);
    if (before !== undefined && message.followsSeq < before.seq) {
      before.messagesSince += 1;
      before.uncounted ??= [];
      before.uncounted.push({ seq, message, storedAtMs });
      if (before.uncounted.length > KEPT_MESSAGES) before.uncounted.shift();
      return false;
    }
    this.#set(name, entryAfter(before, { seq, message, storedAtMs }));
    return true;
  }

  /** What the stream says of a node. */
  applySign(node: string, bytes: Buffer): void {
    const sign = decodeSign(bytes);
    const last = this.#signs.get(node);
    // One that was under way for long may come after the next.
    if (sign === undefined || (last !== undefined && last.timeMs > sign.timeMs)) return;
    this.#signs.set(node, sign);
  }

  /** Everything up to `seq` was delivered, as far as it is still there. */
  advance(seq: number): void {
    if (seq > this.#appliedSeq + 1) this.#gapEndSeq = seq;
    this.#appliedSeq = Math.max(this.#appliedSeq, seq);
  }

  /** After a gap this is where the mirror goes on: what counts was told apart without all of before. */
  get gapEndSeq(): number {
    return this.#gapEndSeq;
  }

  /** From now on gaps are those of a mirror that did not keep up. */
  forgetGaps(): void {
    this.#gapEndSeq = 0;
  }

  drop(name: string): void {
    const entry = this.#entries.get(name);
    if (entry === undefined) return;
    this.#entries.delete(name);
    this.#own.delete(name);
    this.#recordBytes -= entry.record.length;
  }

  /** Begins anew, with a stream that has nothing to do with what was known. */
  clear(): void {
    this.#entries.clear();
    this.#signs.clear();
    this.#own.clear();
    this.#recordBytes = 0;
    this.#appliedSeq = 0;
    this.#gapEndSeq = 0;
    this.#firstSeq = 0;
    this.#epoch += 1;
  }

  /**
   * Drops what expired before `beforeMs`, and signs of life of before `signsBeforeMs`. Returns whether
   * something was among it that this node's next sign of life would have revived.
   */
  sweep(beforeMs: number, signsBeforeMs: number): boolean {
    let hasDroppedOwn = false;
    for (const [name, entry] of this.#entries) {
      const endedAtMs = entry.owner === "" ? nothingUntilMs(entry) : this.deadlineMs(entry);
      if (endedAtMs > beforeMs) continue;
      hasDroppedOwn ||= this.#own.has(name);
      this.drop(name);
    }
    for (const [node, { timeMs }] of this.#signs) {
      if (timeMs <= signsBeforeMs) this.#signs.delete(node);
    }
    return hasDroppedOwn;
  }

  #set(name: string, entry: MirrorEntry): void {
    this.#recordBytes += entry.record.length - (this.#entries.get(name)?.record.length ?? 0);
    this.#entries.set(name, entry);
    if (entry.lease.node === this.#node) this.#own.add(name);
    else this.#own.delete(name);
  }
}

/** Until when it is worth knowing that a stash was forgotten, or that nothing is known of it. */
function nothingUntilMs({ stateAtMs, unknownUntilMs = 0 }: MirrorEntry): number {
  return Math.max(stateAtMs, unknownUntilMs);
}

/** One stash as a mirror knows it. */
export interface MirrorEntry {
  /** The sequence of the last message about it that counts. */
  readonly seq: number;
  /** Empty, as is the record, if it was forgotten or its state is not known. */
  readonly owner: OwnerKey;
  readonly lease: Lease;
  /** As it is stored: encrypted, if records are. */
  readonly record: Uint8Array;
  /** The sequence of its last state. */
  readonly stateSeq: number;
  /** Set if its owner or its record is not known, which servers let go of before this mirror came. */
  readonly unknownUntilMs: number | undefined;
  /** When its last state was stored, in ms since the epoch. */
  readonly stateAtMs: number;
  /** How many messages about it came since its last state, also those that do not count. */
  messagesSince: number;
  /** Those that do not count, since its last state; `undefined` for none, as is usual. */
  uncounted: Uncounted[] | undefined;
}

/** A message that does not count, unless a later one follows it: then it does after all. */
export interface Uncounted {
  readonly seq: number;
  readonly message: StashMessage;
  readonly storedAtMs: number;
}

/** A stash of which no more is known than which message about it was the last one that counts. */
const NOTHING = {
  owner: "",
  lease: { deadlineMs: 0, node: undefined, lengthMs: 0 },
  record: Buffer.alloc(0),
  messagesSince: 0,
  uncounted: undefined,
  unknownUntilMs: undefined,
} as const;

/** What a message that counts makes of a stash. */
function entryAfter(before: MirrorEntry | undefined, counted: Uncounted): MirrorEntry {
  const { seq, message, storedAtMs } = counted;
  if (message.kind === "gone") return { seq, ...NOTHING, stateSeq: seq, stateAtMs: storedAtMs };
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
      uncounted: undefined,
    };
  }
  const followed = followedBy(before, message.followsSeq);
  // The servers let go of its state before this mirror came: there is a newer one to come.
  if (followed === undefined || followed.owner === "") {
    const messagesSince = (before?.messagesSince ?? 0) + 1;
    const unknownUntilMs = message.lease.deadlineMs;
    return { seq, ...NOTHING, stateSeq: seq, stateAtMs: storedAtMs, messagesSince, unknownUntilMs };
  }
  const { owner = followed.owner, lease } = message;
  const messagesSince = followed.messagesSince + 1;
  return { ...followed, seq, owner, lease, messagesSince };
}

/** The stash as it was after the message with that sequence. */
function followedBy(before: MirrorEntry | undefined, seq: number): MirrorEntry | undefined {
  if (before === undefined || before.seq === seq) return before;
  const counted = before.uncounted?.find((uncounted) => uncounted.seq === seq);
  if (counted === undefined) return undefined;
  // How many came since is not known any more, so the next message is a state.
  return { ...entryAfter(before, counted), messagesSince: MAX_MARKERS };
}
