/** Stops one started part. */
export type Stop = () => Promise<void>;

/**
 * Collects started parts, so that all are stopped in reverse order even if a later one fails to start.
 */
export class Stoppers {
  readonly #stops: Stop[] = [];

  add(stop: Stop): void {
    this.#stops.push(stop);
  }

  /** Stops all parts, then throws the first error. */
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
