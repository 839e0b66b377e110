/**
 * Shares one question among all who ask it in one turn of the event loop: each needs an answer to a
 * question that was sent after it asked, and no one of its own.
 */
export class SharedQuestion<Answer> {
  readonly #ask: () => Promise<Answer>;
  #next: Promise<Answer> | undefined;

  constructor(ask: () => Promise<Answer>) {
    this.#ask = ask;
  }

  ask(): Promise<Answer> {
    this.#next ??= new Promise<void>((resolve) => {
      setImmediate(resolve);
    }).then(() => {
      this.#next = undefined;
      return this.#ask();
    });
    return this.#next;
  }
}
