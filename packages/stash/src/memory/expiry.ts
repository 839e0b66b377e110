import type { MemoryEntry } from "./entry.ts";
import { entryBytes } from "./arena.ts";

/** So many times without a bucket are never worth the work of letting them go. */
const SPARE_TIMES = 64;

/**
 * Entries by the time at which they expire, in buckets of equal width: adding and removing is
 * constant work, and looking for what has expired is proportional to what is found.
 */
export class Deadlines {
  readonly #widthMs: number;
  readonly #buckets = new Map<number, Set<MemoryEntry>>();
  #times = new MinHeap([]);
  #entries = 0;

  constructor(widthMs: number) {
    this.#widthMs = widthMs;
  }

  get entries(): number {
    return this.#entries;
  }

  add(entry: MemoryEntry): void {
    const time = this.#timeOf(entry.deadlineMs);
    let bucket = this.#buckets.get(time);
    if (bucket === undefined) {
      bucket = new Set();
      this.#buckets.set(time, bucket);
      this.#times.push(time);
    }
    bucket.add(entry);
    this.#entries += 1;
  }

  /** Its deadline must still be the one with which it was added. */
  remove(entry: MemoryEntry): void {
    const time = this.#timeOf(entry.deadlineMs);
    const bucket = this.#buckets.get(time);
    if (bucket?.delete(entry) !== true) return;
    this.#entries -= 1;
    if (bucket.size > 0) return;
    this.#buckets.delete(time);
    // Its time stays in the heap: taking it out would be a search. When most are of that kind, the
    // heap is made anew.
    if (this.#times.size > 2 * this.#buckets.size + SPARE_TIMES) {
      this.#times = new MinHeap(this.#buckets.keys());
    }
  }

  /** How many times are kept, at most twice as many as there are buckets, and a few. */
  get times(): number {
    return this.#times.size;
  }

  /** Hands over every entry whose deadline has passed; the receiver removes it. */
  takeExpired(nowMs: number, receive: (entry: MemoryEntry) => void): void {
    const current = this.#timeOf(nowMs);
    for (let time = this.#times.min; time <= current; time = this.#times.min) {
      for (const entry of this.#buckets.get(time) ?? []) {
        if (entry.deadlineMs <= nowMs) receive(entry);
      }
      // Only the bucket of this very moment can have something left.
      if (this.#buckets.has(time)) return;
      if (this.#times.min === time) this.#times.pop();
    }
  }

  #timeOf(ms: number): number {
    return Math.floor(ms / this.#widthMs);
  }
}

/** A binary heap of numbers. */
class MinHeap {
  readonly #numbers: number[];

  constructor(numbers: Iterable<number>) {
    // What is sorted is a heap.
    this.#numbers = [...numbers].sort((one, other) => one - other);
  }

  get size(): number {
    return this.#numbers.length;
  }

  get min(): number {
    return this.#numbers[0] ?? Infinity;
  }

  push(number: number): void {
    let at = this.#numbers.push(number) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#at(parent) <= number) break;
      this.#numbers[at] = this.#at(parent);
      at = parent;
    }
    this.#numbers[at] = number;
  }

  pop(): void {
    const number = this.#numbers.pop();
    if (number === undefined || this.#numbers.length === 0) return;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const child = this.#at(left + 1) < this.#at(left) ? left + 1 : left;
      if (this.#at(child) >= number) break;
      this.#numbers[at] = this.#at(child);
      at = child;
    }
    this.#numbers[at] = number;
  }

  #at(index: number): number {
    return this.#numbers[index] ?? Infinity;
  }
}

/** The entries of disconnected views, in the order in which they were disconnected. */
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

  /** What evicting all of them would free. */
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
