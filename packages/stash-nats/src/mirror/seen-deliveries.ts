/** So many of a stream's last messages are remembered: it is enough if servers still have one of them. */
const KEPT = 8;

/**
 * Tells whether a stream goes on where this node has left it. Servers that have lost what they had in
 * memory begin at 1 again, under the same name; once they have stored as many messages as before, the
 * sequence alone does not show it. So a consumer begins with the last messages that are known, and one
 * of them must come again, with the time at which it was stored.
 */
export class SeenDeliveries {
  #seen: { readonly seq: number; readonly storedAtMs: number }[] = [];
  #isCertain = true;

  /** Where to begin, to see a message again; `undefined` if none is known. */
  get firstSeq(): number | undefined {
    return this.#seen[0]?.seq;
  }

  /** From now on another consumer delivers. */
  beginAgain(): void {
    this.#isCertain = this.#seen.length === 0;
  }

  clear(): void {
    this.#seen = [];
    this.#isCertain = true;
  }

  /** Takes note of a delivery; `false` if the stream is not the one that was known, or may not be. */
  isKnownStream(seq: number, storedAtMs: number): boolean {
    const last = this.#seen.at(-1);
    if (last !== undefined && seq <= last.seq) {
      const known = this.#seen.find((each) => each.seq === seq);
      if (known !== undefined && known.storedAtMs === storedAtMs) {
        this.#isCertain = true;
        return true;
      }
      // What came before the first that is known says nothing.
      return this.#isCertain || seq < (this.firstSeq ?? 0);
    }
    if (!this.#isCertain) return false;
    this.#seen.push({ seq, storedAtMs });
    if (this.#seen.length > KEPT) this.#seen.shift();
    return true;
  }
}
