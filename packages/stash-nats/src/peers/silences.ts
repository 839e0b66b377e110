import type { NodeName } from "live-stash/peers";

/**
 * If nothing was asked in between for so long, a silence begins anew, in ms: a node may have come back and
 * been frozen again. Longer than a client waits before it joins again (10 s).
 */
const LASTS_MS = 30_000;
/** The silences of that many nodes are remembered: the oldest are forgotten first. */
const MAX_REMEMBERED = 1_024;

/** Remembers for how long nodes have been asked in vain, since they were last heard of. */
export class Silences {
  readonly #silences = new Map<NodeName, { readonly sinceMs: number; readonly lastMs: number }>();

  /**
   * The node was asked at `askedMs`, and did not answer by `nowMs`. Returns for how long it has been
   * silent. That nobody listens for it is known: it would have greeted if it had come back in between.
   */
  add(node: NodeName, askedMs: number, nowMs: number, isNobodyThere: boolean): number {
    const before = this.#silences.get(node);
    const isSame = before !== undefined && (isNobodyThere || askedMs - before.lastMs < LASTS_MS);
    const sinceMs = isSame ? before.sinceMs : askedMs;
    this.#silences.delete(node);
    this.#silences.set(node, { sinceMs, lastMs: nowMs });
    const [oldest] = this.#silences.keys();
    if (this.#silences.size > MAX_REMEMBERED && oldest !== undefined) this.#silences.delete(oldest);
    return nowMs - sinceMs;
  }

  /** The node was heard of, or is known to be gone. */
  end(node: NodeName): void {
    this.#silences.delete(node);
  }
}
