import type { StashError } from "live-stash";
import { queueFull } from "./redis-errors.ts";

/** Counts what waits for an answer of Redis, also after its call was given up, and sets a limit. */
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

  /** Why there is no room for another command; `undefined` if there is. */
  refusal(operation: string, byteLength: number): StashError | undefined {
    if (this.#length >= this.#maxLength) {
      return queueFull(operation, `${this.#maxLength} commands (maxQueueLength)`);
    }
    // One command has room whatever its size, or it would never be sent.
    if (this.#length > 0 && this.#bytes + byteLength > this.#maxBytes) {
      return queueFull(operation, `${this.#maxBytes} bytes (maxQueueBytes)`);
    }
    return undefined;
  }

  /** Resolves when nothing waits any more. For one who waits. */
  whenEmpty(): Promise<void> {
    if (this.isEmpty) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onEmpty = resolve;
    });
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
}
