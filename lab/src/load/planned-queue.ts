interface Planned {
  readonly atMs: number;
  readonly run: (atMs: number) => void;
}

/** Steps started per tick, so that replies are handled in between even if the queue is far behind. */
const MAX_PER_TURN = 32;

/**
 * Runs functions at their planned times, in order, from one timer: a timer per user would cost more than
 * the user.
 */
export class PlannedQueue {
  readonly #heap: Planned[] = [];
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;
  #nextTurn: NodeJS.Immediate | undefined;
  #wakesAtMs = Number.POSITIVE_INFINITY;

  /** @param now The clock of the planned times, in ms. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Calls `run` with the planned time at that time, or as soon afterwards as the event loop allows. */
  add(atMs: number, run: (atMs: number) => void): void {
    const heap = this.#heap;
    let index = heap.push({ atMs, run }) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (this.#at(parent) <= this.#at(index)) break;
      this.#swap(index, parent);
      index = parent;
    }
    this.#wake();
  }

  /** Removes everything that is planned. */
  clear(): void {
    this.#heap.length = 0;
    clearTimeout(this.#timer);
    clearImmediate(this.#nextTurn);
    this.#wakesAtMs = Number.POSITIVE_INFINITY;
  }

  #runDue = (): void => {
    this.#wakesAtMs = Number.POSITIVE_INFINITY;
    for (let ran = 0; ran < MAX_PER_TURN; ran += 1) {
      const next = this.#heap[0];
      if (next === undefined || next.atMs > this.#now()) return this.#wake();
      this.#takeFirst();
      next.run(next.atMs);
    }
    // Nothing added meanwhile needs a timer: the next tick looks for due entries anyway.
    this.#wakesAtMs = Number.NEGATIVE_INFINITY;
    this.#nextTurn = setImmediate(this.#runDue);
  };

  #wake(): void {
    const next = this.#heap[0];
    if (next === undefined || next.atMs >= this.#wakesAtMs) return;
    clearTimeout(this.#timer);
    this.#wakesAtMs = next.atMs;
    // Rounded up, because a timer that fires too early would only start another.
    this.#timer = setTimeout(this.#runDue, Math.max(0, Math.ceil(next.atMs - this.#now())));
  }

  #takeFirst(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const right = left + 1;
      let least = index;
      if (this.#at(left) < this.#at(least)) least = left;
      if (this.#at(right) < this.#at(least)) least = right;
      if (least === index) return;
      this.#swap(index, least);
      index = least;
    }
  }

  #at(index: number): number {
    return this.#heap[index]?.atMs ?? Number.POSITIVE_INFINITY;
  }

  #swap(one: number, other: number): void {
    const [first, second] = [this.#heap[one], this.#heap[other]];
    if (first === undefined || second === undefined) return;
    this.#heap[one] = second;
    this.#heap[other] = first;
  }
}
