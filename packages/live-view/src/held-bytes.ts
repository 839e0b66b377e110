/**
 * Counts the bytes that all sockets together make a server hold: frames that are not complete yet,
 * events that wait or are being handled, parameters of joins, and frames that a client has not read.
 */
export class HeldBytes {
  readonly #maxBytes: number;
  readonly #onExceeded: () => void;
  #total = 0;

  /** `onExceeded` is called whenever bytes are added beyond `maxBytes`. */
  constructor(maxBytes: number, onExceeded: () => void) {
    this.#maxBytes = maxBytes;
    this.#onExceeded = onExceeded;
  }

  get total(): number {
    return this.#total;
  }

  add(bytes: number): void {
    this.#total += bytes;
    if (bytes > 0 && this.#total > this.#maxBytes) this.#onExceeded();
  }
}
