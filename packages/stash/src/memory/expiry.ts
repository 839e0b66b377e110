import { entryBytes } from "./arena.ts";
import type { MemoryEntry } from "./entry.ts";

/**
 * The entries that expire, in buckets of equal width by their deadline. Adding and removing is
 * constant work.
 *
 * A sweep looks at every bucket, which takes about 10 µs for 3,600 of them, an hour of deadlines at
 * the default width: no order of the buckets is worth its code. Sweeps before the earliest deadline
 * return at once, as a store without room sweeps at every save.
 */
export class Deadlines {
  readonly #widthMs: number;
  readonly #buckets = new Map<number, Set<MemoryEntry>>();
  #entries = 0;
  /** No deadline is earlier. It may be later than this: removing an entry does not look for the next one. */
  #earliestMs = Infinity;

  constructor(widthMs: number) {
    this.#widthMs = widthMs;
  }

  get entries(): number {
    return this.#entries;
  }

  get buckets(): number {
    return this.#buckets.size;
  }

  add(entry: MemoryEntry): void {
    const time = this.#timeOf(entry.deadlineMs);
    let bucket = this.#buckets.get(time);
    if (bucket === undefined) {
      bucket = new Set();
      this.#buckets.set(time, bucket);
    }
    bucket.add(entry);
    this.#entries += 1;
    this.#earliestMs = Math.min(this.#earliestMs, entry.deadlineMs);
  }

  /** Removes an entry whose deadline is still the one with which it was added. */
  remove(entry: MemoryEntry): void {
    const time = this.#timeOf(entry.deadlineMs);
    const bucket = this.#buckets.get(time);
    if (bucket?.delete(entry) !== true) return;
    this.#entries -= 1;
    if (bucket.size === 0) this.#buckets.delete(time);
  }

  /** Calls `expire` with every entry whose deadline has passed; `expire` must remove the entry. */
  sweep(nowMs: number, expire: (entry: MemoryEntry) => void): void {
    if (nowMs < this.#earliestMs) return;
    const current = this.#timeOf(nowMs);
    let earliestMs = Infinity;
    for (const [time, bucket] of this.#buckets) {
      if (time > current) {
        earliestMs = Math.min(earliestMs, time * this.#widthMs);
        continue;
      }
      for (const entry of bucket) {
        if (entry.deadlineMs <= nowMs) expire(entry);
        else earliestMs = Math.min(earliestMs, entry.deadlineMs);
      }
    }
    this.#earliestMs = earliestMs;
  }

  #timeOf(ms: number): number {
    return Math.floor(ms / this.#widthMs);
  }
}

/** The entries of disconnected views, in the order in which the views disconnected: that of eviction. */
export class DisconnectOrder {
  #first: MemoryEntry | undefined;
  #last: MemoryEntry | undefined;
  #entries = 0;
  #bytes = 0;

  get first(): MemoryEntry | undefined {
    return this.#first;
  }

  get entries(): number {
    return this.#entries;
  }

  /** The bytes that evicting all entries would free. */
  get bytes(): number {
    return this.#bytes;
  }

  append(entry: MemoryEntry): void {
    entry.earlier = this.#last;
    if (this.#last === undefined) this.#first = entry;
    else this.#last.later = entry;
    this.#last = entry;
    this.#entries += 1;
    this.#bytes += entryBytes(entry.byteLength);
  }

  remove(entry: MemoryEntry): void {
    const { earlier, later } = entry;
    if (earlier === undefined) this.#first = later;
    else earlier.later = later;
    if (later === undefined) this.#last = earlier;
    else later.earlier = earlier;
    entry.earlier = undefined;
    entry.later = undefined;
    this.#entries -= 1;
    this.#bytes -= entryBytes(entry.byteLength);
  }
}
