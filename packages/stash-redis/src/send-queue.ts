import type { StashError } from "live-stash";
import { queueFull } from "./redis-errors.ts";

/** Counts and limits the runs that Redis has not answered, including those that have timed out. */
export class SendQueue {
  readonly #maxLength: number;
  readonly #maxBytes: number;
  #length = 0;
  #bytes = 0;
  #onEmpty = (): void => {};

  constructor(maxLength: number, maxBytes: number) {
    this.#maxLength = maxLength;
    this.#maxBytes = maxBytes;
  }

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  /** Returns the error for a run that does not fit; `undefined` if the run fits. */
  errorIfFull(operation: string, byteLength: number): StashError | undefined {
    if (this.#length >= this.#maxLength) {
      return queueFull(operation, `${this.#maxLength} commands (maxQueueLength)`);
    }
    // An empty queue takes a run of any size, or such a run could never be sent.
    if (this.#length > 0 && this.#bytes + byteLength > this.#maxBytes) {
      return queueFull(operation, `${this.#maxBytes} bytes (maxQueueBytes)`);
    }
    return undefined;
  }

  enter(byteLength: number): void {
    this.#length += 1;
    this.#bytes += byteLength;
  }

  leave(byteLength: number): void {
    this.#length -= 1;
    this.#bytes -= byteLength;
    if (this.#length === 0) this.#onEmpty();
  }

  /** Resolves when the queue is empty. Supports one waiter. */
  whenEmpty(): Promise<void> {
    if (this.isEmpty) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onEmpty = resolve;
    });
  }
}
