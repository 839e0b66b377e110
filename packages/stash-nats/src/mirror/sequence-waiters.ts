interface Waiter {
  readonly seq: number;
  readonly resolve: () => void;
}

/** Nothing at all for so long, while somebody waits, is suspicious. */
const SUSPICIOUS_MS = 200;

/**
 * Those who wait until a sequence is reached. Tells when nothing is reached any more. On a busy machine
 * there is always somebody who waits, and for long: that alone says nothing about who is waited for.
 */
export class SequenceWaiters {
  readonly #onSilence: () => void;
  #waiters: Waiter[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** Whether anything was reached since the timer was set. */
  #isHeard = false;

  constructor(onSilence: () => void) {
    this.#onSilence = onSilence;
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
    this.#isHeard = true;
    if (this.isEmpty) return;
    const due = this.#waiters.filter(({ seq }) => seq <= reachedSeq);
    if (due.length === 0) return;
    this.#waiters = this.#waiters.filter(({ seq }) => seq > reachedSeq);
    for (const { resolve } of due) resolve();
    if (!this.isEmpty) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** From now on, silence is suspicious again. */
  watch(): void {
    if (this.isEmpty || this.#timer !== undefined) return;
    this.#isHeard = false;
    this.#timer = setTimeout(() => this.#look(), SUSPICIOUS_MS).unref();
  }

  #look(): void {
    const timer = this.#timer;
    // Where this process itself stood still, what it did not read is still to be read.
    setImmediate(() => {
      if (this.#timer !== timer) return;
      this.#timer = undefined;
      if (this.#isHeard) this.watch();
      else if (!this.isEmpty) this.#onSilence();
    });
  }
}
