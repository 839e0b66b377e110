import {
  decodeMessage,
  decodeSign,
  type SignOfLife,
  type StashMessage,
} from "../stream/stash-message.ts";
import type { MirrorEntry } from "./mirror-entry.ts";

/** What an entry takes besides its record, roughly. */
const ENTRY_BYTES = 400;

/**
 * All stashes of the application as of some sequence of the stream, on this node. What is learnt of a
 * stash by other ways than the stream, as this node's own writes are, may be ahead of that.
 */
export class Mirror {
  readonly #entries = new Map<string, MirrorEntry>();
  readonly #signs = new Map<string, SignOfLife>();
  /** The stashes that this node's signs of life keep alive. */
  readonly #own = new Set<string>();
  #node: string;
  #recordBytes = 0;
  #appliedSeq = 0;
  #epoch = 0;

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
    return entry !== undefined && this.deadlineMs(entry) > nowMs ? entry : undefined;
  }

  deadlineMs({ seq, lease }: MirrorEntry): number {
    const sign = lease.node === undefined ? undefined : this.#signs.get(lease.node);
    if (sign === undefined || sign.coversSeq < seq) return lease.deadlineMs;
    return sign.timeMs + lease.lengthMs;
  }

  /** What the stream says of a stash. */
  applyStash(name: string, seq: number, bytes: Buffer, storedAtMs: number): void {
    // What this version can not read was written by a newer one: what was there is gone.
    this.put(name, seq, decodeMessage(bytes) ?? { kind: "gone" }, storedAtMs);
  }

  /** What the stream says of a node. */
  applySign(node: string, bytes: Buffer): void {
    const sign = decodeSign(bytes);
    const last = this.#signs.get(node);
    // One that was under way for long may come after the next.
    if (sign === undefined || (last !== undefined && last.timeMs > sign.timeMs)) return;
    this.#signs.set(node, sign);
  }

  /** Everything up to `seq` was delivered. */
  advance(seq: number): void {
    this.#appliedSeq = Math.max(this.#appliedSeq, seq);
  }

  /** A message with its sequence; older than what is known, it changes nothing. */
  put(name: string, seq: number, message: StashMessage, storedAtMs: number): void {
    const before = this.#entries.get(name);
    if (before !== undefined && before.seq >= seq) return;
    if (message.kind === "state") {
      // A copy: what comes from a socket is a part of something much larger.
      const record = Buffer.from(message.record);
      const { owner, lease } = message;
      this.#set(name, { seq, owner, lease, record, markers: 0, stateAtMs: storedAtMs });
    } else if (message.kind === "marker" && before?.markers === message.count - 1) {
      const { owner = before.owner, lease, count } = message;
      const { record, stateAtMs } = before;
      this.#set(name, { seq, owner, lease, record, markers: count, stateAtMs });
    } else {
      // Forgotten; or what it follows was dropped by the servers already, as there is newer.
      this.drop(name);
    }
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
    this.#epoch += 1;
  }

  /**
   * Drops what expired before `beforeMs`, and signs of life of before `signsBeforeMs`. Returns whether
   * something was among it that this node's next sign of life would have revived.
   */
  sweep(beforeMs: number, signsBeforeMs: number): boolean {
    let hasDroppedOwn = false;
    for (const [name, entry] of this.#entries) {
      if (this.deadlineMs(entry) > beforeMs) continue;
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
