interface Waiting {
  readonly count: number;
  readonly resolve: () => void;
}

/** Decides which answers reach the client, and counts those that do not. */
export class AnswerFilter {
  #matching: ((text: string) => boolean) | undefined;
  #dropped = 0;
  #waiting: Waiting[] = [];

  /** The number of answers dropped since `drop` was last called. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Drops matching answers from now on, and counts them from 0. */
  drop(matching: (text: string) => boolean): void {
    this.#matching = matching;
    this.#dropped = 0;
  }

  /** Lets all answers pass from now on. */
  deliver(): void {
    this.#matching = undefined;
  }

  /** Whether an answer passes. Counts it if it does not. */
  passes(text: string): boolean {
    if (this.#matching?.(text) !== true) return true;
    this.#dropped += 1;
    const due = this.#waiting.filter(({ count }) => count <= this.#dropped);
    this.#waiting = this.#waiting.filter(({ count }) => count > this.#dropped);
    for (const { resolve } of due) resolve();
    return false;
  }

  /** Resolves once that many were dropped. */
  untilDropped(count: number): Promise<void> {
    if (count <= this.#dropped) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push({ count, resolve });
    });
  }
}
