/** How much more may be held before room is made again in the same turn: one part of so many. */
const PART_OF_ROOM = 16;

/**
 * Counts the bytes that all sockets together make a server hold: frames that are not complete yet,
 * events that wait or are being handled, parameters of joins, and frames that a client has not read.
 */
export class HeldBytes {
  readonly #maxBytes: number;
  readonly #onExceeded: () => void;
  #total = 0;
  /** Beyond this room is made: more than the limit for the rest of a turn in which it was made. */
  #actsAbove: number;
  /** Something was added beyond the limit since room was made. */
  #isDue = false;

  /**
   * `onExceeded` is called when bytes are added beyond `maxBytes`. It looks at all sockets, so within a
   * turn of the event loop it is only called again once a sixteenth more is held.
   */
  constructor(maxBytes: number, onExceeded: () => void) {
    this.#maxBytes = maxBytes;
    this.#onExceeded = onExceeded;
    this.#actsAbove = maxBytes;
  }

  get total(): number {
    return this.#total;
  }

  add(bytes: number): void {
    this.#total += bytes;
    if (bytes <= 0 || this.#total <= this.#maxBytes) return;
    if (this.#total > this.#actsAbove) this.#makeRoom();
    else this.#isDue = true;
  }

  #makeRoom(): void {
    if (this.#actsAbove === this.#maxBytes) setImmediate(() => this.#beginTurn());
    // It is not called for what is added meanwhile.
    this.#actsAbove = Infinity;
    this.#onExceeded();
    this.#isDue = false;
    const held = Math.max(this.#total, this.#maxBytes);
    this.#actsAbove = held + Math.ceil(this.#maxBytes / PART_OF_ROOM);
  }

  #beginTurn(): void {
    this.#actsAbove = this.#maxBytes;
    if (this.#isDue && this.#total > this.#maxBytes) this.#makeRoom();
  }
}
