interface Waiter {
  readonly seq: number;
  readonly resolve: () => void;
}

/** Waiting for longer than this is suspicious. */
const SUSPICIOUS_MS = 200;

/** Those who wait until a sequence is reached. Tells when that takes longer than it should. */
export class SequenceWaiters {
  readonly #onLate: () => void;
  #waiters: Waiter[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(onLate: () => void) {
    this.#onLate = onLate;
  }

  get isEmpty(): boolean {
    return this.#waiters.length === 0;
  }

  /** Resolves when `seq` is reached. */
  until(seq: number, reachedSeq: number): Promise<void> {
    if (reachedSeq >= seq) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiters.push({ seq, resolve });
      this.watch();
    });
  }

  reached(reachedSeq: number): void {
    if (this.isEmpty) return;
    const due = this.#waiters.filter(({ seq }) => seq <= reachedSeq);
    if (due.length === 0) return;
    this.#waiters = this.#waiters.filter(({ seq }) => seq > reachedSeq);
    for (const { resolve } of due) resolve();
    if (!this.isEmpty) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** From now on, being late is suspicious again. */
  watch(): void {
    if (this.isEmpty || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (!this.isEmpty) this.#onLate();
    }, SUSPICIOUS_MS).unref();
  }
}
