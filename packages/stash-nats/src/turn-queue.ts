/** Lets those who want the same thing have it one after the other, in the order in which they came. */
export class TurnQueue {
  readonly #tails = new Map<string, Promise<unknown>>();

  /** Runs `work` once all that came before it for this name is over, however it ended. */
  async run<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#tails.get(name);
    const turn = before === undefined ? work() : before.then(work, work);
    this.#tails.set(name, turn);
    try {
      return await turn;
    } finally {
      if (this.#tails.get(name) === turn) this.#tails.delete(name);
    }
  }
}
