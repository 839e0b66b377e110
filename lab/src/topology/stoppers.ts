/** Something that was started. */
export type Stop = () => Promise<void>;

/**
 * Collects what was started, so that all of it is stopped in reverse order, also if starting the
 * rest fails half-way.
 */
export class Stoppers {
  readonly #stops: Stop[] = [];

  add(stop: Stop): void {
    this.#stops.push(stop);
  }

  /** Stops everything, then throws the first of what failed. */
  async stopAll(): Promise<void> {
    const errors: unknown[] = [];
    for (let stop = this.#stops.pop(); stop !== undefined; stop = this.#stops.pop()) {
      try {
        await stop();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}
