import type { StashId } from "../store/adapter.ts";
import type { NodeName } from "./peer-network.ts";

/** How long it is remembered where a stash went, in ms. */
const REMEMBERED_MS = 300_000;
/** Of how many it is remembered: the oldest are forgotten first. */
const MAX_REMEMBERED = 16_384;

interface Moved {
  readonly to: NodeName;
  readonly untilMs: number;
}

/**
 * Where stashes went that were here: so that late calls of old owners are told that they are not
 * the owner any more, and whoever looks here is sent on. What is forgotten is looked for everywhere.
 */
export class MovedStashes {
  readonly #monotonicNow: () => number;
  /** The oldest first. */
  readonly #moved = new Map<StashId, Moved>();

  constructor(monotonicNow: () => number) {
    this.#monotonicNow = monotonicNow;
  }

  get size(): number {
    return this.#moved.size;
  }

  add(id: StashId, to: NodeName): void {
    this.#moved.delete(id);
    this.#moved.set(id, { to, untilMs: this.#monotonicNow() + REMEMBERED_MS });
    this.prune();
  }

  get(id: StashId): NodeName | undefined {
    const moved = this.#moved.get(id);
    return moved !== undefined && moved.untilMs > this.#monotonicNow() ? moved.to : undefined;
  }

  /** It is here again. */
  delete(id: StashId): void {
    this.#moved.delete(id);
  }

  prune(): void {
    const nowMs = this.#monotonicNow();
    for (const [id, { untilMs }] of this.#moved) {
      if (untilMs > nowMs && this.#moved.size <= MAX_REMEMBERED) return;
      this.#moved.delete(id);
    }
  }
}
