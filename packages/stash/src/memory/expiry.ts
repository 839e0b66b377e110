import { entryBytes } from "./arena.ts";
import type { MemoryEntry } from "./entry.ts";

/**
 * The entries that expire, in buckets of equal width by their deadline. Adding and removing an entry
 * takes constant time.
 *
 * A sweep visits every bucket. The buckets are not sorted, because 3,600 of them, an hour of
 * deadlines at the default width, take only about 10 µs. Sweeps before the earliest deadline return
 * at once, because a store without room sweeps at every save.
 */
export class Deadlines {
  readonly #widthMs: number;
  readonly #buckets = new Map<number, Set<MemoryEntry>>();
  #size = 0;
  /** A lower bound of all deadlines. It may be too low, because `remove` does not search for the next one. */
  #earliestMs = Infinity;

  constructor(widthMs: number) {
    this.#widthMs = widthMs;
  }

  get size(): number {
    return this.#size;
  }

  get bucketCount(): number {
    return this.#buckets.size;
  }

  add(entry: MemoryEntry): void {
    const index = this.#bucketOf(entry.deadlineMs);
    let bucket = this.#buckets.get(index);
    if (bucket === undefined) {
      bucket = new Set();
      this.#buckets.set(index, bucket);
    }
    bucket.add(entry);
    this.#size += 1;
    this.#earliestMs = Math.min(this.#earliestMs, entry.deadlineMs);
  }

  /** Removes an entry whose deadline is still the one with which it was added. */
  remove(entry: MemoryEntry): void {
    const index = this.#bucketOf(entry.deadlineMs);
    const bucket = this.#buckets.get(index);
    if (bucket?.delete(entry) !== true) return;
    this.#size -= 1;
    if (bucket.size === 0) this.#buckets.delete(index);
  }

  /** Calls `expire` with every entry whose deadline has passed; `expire` must remove the entry. */
  sweep(nowMs: number, expire: (entry: MemoryEntry) => void): void {
    if (nowMs < this.#earliestMs) return;
    const current = this.#bucketOf(nowMs);
    let earliestMs = Infinity;
    for (const [index, bucket] of this.#buckets) {
      if (index > current) {
        earliestMs = Math.min(earliestMs, index * this.#widthMs);
        continue;
      }
      for (const entry of bucket) {
        if (entry.deadlineMs <= nowMs) expire(entry);
        else earliestMs = Math.min(earliestMs, entry.deadlineMs);
      }
    }
    this.#earliestMs = earliestMs;
  }

  #bucketOf(ms: number): number {
    return Math.floor(ms / this.#widthMs);
  }
}

/** The entries of disconnected views, the longest disconnected first, which is the eviction order. */
export class DisconnectOrder {
  #first: MemoryEntry | undefined;
  #last: MemoryEntry | undefined;
  #size = 0;
  #bytes = 0;

  get first(): MemoryEntry | undefined {
    return this.#first;
  }

  get size(): number {
    return this.#size;
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
    this.#size += 1;
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
    this.#size -= 1;
    this.#bytes -= entryBytes(entry.byteLength);
  }
}
