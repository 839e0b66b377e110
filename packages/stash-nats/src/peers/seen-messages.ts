/** How far the clocks of two nodes may differ, in ms. */
const MAX_DIFFERENCE_MS = 60_000;
/** More than a node answers in that time; then strangers with a recording have no room to hide in. */
const MAX_SEEN = 1_000_000;

/** Remembers which messages came, for as long as they could come again and be taken for new. */
export class SeenMessages {
  #current = new Set<string>();
  #previous = new Set<string>();
  #turnedAtMs = 0;

  /** Whether a message is new, and not too old or too far ahead to tell. */
  isNew(once: string, sentAtMs: number, nowMs: number): boolean {
    if (Math.abs(nowMs - sentAtMs) > MAX_DIFFERENCE_MS) return false;
    // Two halves of twice the difference each hold all that could still be accepted.
    if (nowMs - this.#turnedAtMs > 2 * MAX_DIFFERENCE_MS) {
      this.#previous = this.#current;
      this.#current = new Set();
      this.#turnedAtMs = nowMs;
    }
    if (this.#current.has(once) || this.#previous.has(once)) return false;
    if (this.#current.size >= MAX_SEEN) return false;
    this.#current.add(once);
    return true;
  }
}
