/** The number of latest deliveries to remember: the servers may have deleted all but one of them. */
const REMEMBERED_DELIVERIES = 8;

/**
 * Detects that a stream is not the one that this node has read so far. Servers that lost their memory
 * create the stream again under the same name, with sequences from 1; once it has as many messages as
 * before, its sequence alone does not show the loss. So each consumer starts with the latest deliveries
 * that this node remembers, and one of them must arrive again, with the time at which it was stored.
 */
export class StreamIdentity {
  #remembered: { readonly seq: number; readonly storedAtMs: number }[] = [];
  #isCertain = true;

  /** The sequence to start at, so that a remembered message arrives again; `undefined` if there is none. */
  get firstSeq(): number | undefined {
    return this.#remembered[0]?.seq;
  }

  /** Expects a remembered message again: another consumer delivers from now on. */
  expectAgain(): void {
    this.#isCertain = this.#remembered.length === 0;
  }

  clear(): void {
    this.#remembered = [];
    this.#isCertain = true;
  }

  /** Remembers a delivery. Returns whether the stream is known to be the same; if not, it may be another one. */
  recordDelivery(seq: number, storedAtMs: number): boolean {
    const last = this.#remembered.at(-1);
    if (last !== undefined && seq <= last.seq) {
      const known = this.#remembered.find((each) => each.seq === seq);
      if (known !== undefined && known.storedAtMs === storedAtMs) {
        this.#isCertain = true;
        return true;
      }
      // A message before the first remembered one proves nothing.
      return this.#isCertain || seq < (this.firstSeq ?? 0);
    }
    if (!this.#isCertain) return false;
    this.#remembered.push({ seq, storedAtMs });
    if (this.#remembered.length > REMEMBERED_DELIVERIES) this.#remembered.shift();
    return true;
  }
}
