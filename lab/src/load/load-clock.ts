import { PlannedQueue } from "./planned-queue.ts";
import type { LoadRecord } from "./load-record.ts";

/** The time since the run's start, the same in all threads. */
export class LoadClock {
  readonly #startedAtMs: number;
  readonly #record: LoadRecord;
  readonly #queue = new PlannedQueue(() => this.now());

  /** @param startedAtMs The run's start, in ms since the epoch, with fractions. */
  constructor(startedAtMs: number, record: LoadRecord) {
    this.#startedAtMs = startedAtMs;
    this.#record = record;
  }

  /** The time since the run's start, in ms. */
  now(): number {
    return performance.timeOrigin + performance.now() - this.#startedAtMs;
  }

  /** Settles at a planned time, or at once if it has passed. Never settles once the clock has stopped. */
  until(plannedMs: number): Promise<void> {
    if (plannedMs <= this.now()) return Promise.resolve();
    return new Promise((resolve) => {
      this.#queue.add(plannedMs, () => {
        this.#record.late(plannedMs, this.now());
        resolve();
      });
    });
  }

  stop(): void {
    this.#queue.clear();
  }
}
