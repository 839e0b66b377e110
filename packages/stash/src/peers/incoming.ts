import type { StashId } from "../store/adapter.ts";
import type { MoveNumber } from "./transfer.ts";
import type { NodeName } from "./peer-network.ts";

interface Arrival {
  readonly holder: NodeName;
  readonly move: MoveNumber;
  readonly atMs: number;
  /** What was offered and not kept. */
  readonly missing: ReadonlySet<StashId>;
}

const NOTHING: ReadonlySet<StashId> = new Set();

/** What came to this node with which move, until the node that held it knows; and what must not. */
export class Arrivals {
  readonly #monotonicNow: () => number;
  readonly #rememberedMs: number;
  /** The oldest first. */
  readonly #arrivals = new Map<string, Arrival>();
  readonly #unsettled = new Map<NodeName, Set<MoveNumber>>();
  /** What must not be kept should it come, and since when. The oldest first. */
  readonly #refused = new Map<string, number>();

  /** A move is remembered so long: longer than the node that held the stash waits before it asks. */
  constructor(monotonicNow: () => number, rememberedMs: number) {
    this.#monotonicNow = monotonicNow;
    this.#rememberedMs = rememberedMs;
  }

  add(holder: NodeName, move: MoveNumber, missing: ReadonlySet<StashId> = NOTHING): void {
    this.prune();
    const key = keyOf(holder, move);
    this.#arrivals.delete(key);
    this.#arrivals.set(key, { holder, move, atMs: this.#monotonicNow(), missing });
    // If a part was not kept, the answer to the offer says which.
    if (missing.size > 0) return;
    const moves = this.#unsettled.get(holder) ?? new Set();
    this.#unsettled.set(holder, moves.add(move));
  }

  /** From now on it will not be kept, should it be offered with that move. */
  refuse(holder: NodeName, move: MoveNumber, id: StashId): void {
    this.#refused.set(`${keyOf(holder, move)}/${id}`, this.#monotonicNow());
  }

  isRefused(holder: NodeName, move: MoveNumber, id: StashId): boolean {
    return this.#refused.has(`${keyOf(holder, move)}/${id}`);
  }

  has(holder: NodeName, move: MoveNumber, id: StashId): boolean {
    return this.missingOf(holder, move)?.has(id) === false;
  }

  /** What was offered with that move and not kept; `undefined` if it did not come. */
  missingOf(holder: NodeName, move: MoveNumber): ReadonlySet<StashId> | undefined {
    return this.#arrivals.get(keyOf(holder, move))?.missing;
  }

  /** What a node has not been told yet. */
  unsettled(holder: NodeName): readonly MoveNumber[] {
    return [...(this.#unsettled.get(holder) ?? [])];
  }

  /** What any node has not been told yet. */
  allUnsettled(): readonly MoveNumber[] {
    return [...this.#unsettled.values()].flatMap((moves) => [...moves]);
  }

  get holders(): readonly NodeName[] {
    return [...this.#unsettled.keys()];
  }

  /** The node knows. */
  settle(holder: NodeName, moves: readonly MoveNumber[]): void {
    for (const move of moves) this.#delete(holder, move);
  }

  prune(): void {
    const longAgoMs = this.#monotonicNow() - this.#rememberedMs;
    for (const { holder, move, atMs } of this.#arrivals.values()) {
      if (atMs > longAgoMs) break;
      this.#delete(holder, move);
    }
    for (const [key, atMs] of this.#refused) {
      if (atMs > longAgoMs) break;
      this.#refused.delete(key);
    }
  }

  #delete(holder: NodeName, move: MoveNumber): void {
    this.#arrivals.delete(keyOf(holder, move));
    const moves = this.#unsettled.get(holder);
    moves?.delete(move);
    if (moves?.size === 0) this.#unsettled.delete(holder);
  }
}

const keyOf = (holder: NodeName, move: MoveNumber): string => `${holder}/${move}`;

/** The lookups at other nodes that are under way: one at a time for each stash. */
export class Fetches {
  readonly #byId = new Map<StashId, Promise<void>>();
  readonly #byMove = new Map<MoveNumber, Promise<void>>();

  /** Settles when the lookup of this stash is over; `undefined` if there is none. Never rejects. */
  ofStash(id: StashId): Promise<void> | undefined {
    return this.#byId.get(id);
  }

  /** Settles when the lookup that began this move is over; `undefined` if it is. Never rejects. */
  ofMove(move: MoveNumber): Promise<void> | undefined {
    return this.#byMove.get(move);
  }

  async run<Outcome>(
    id: StashId,
    move: MoveNumber,
    lookup: () => Promise<Outcome>,
  ): Promise<Outcome> {
    const outcome = lookup();
    const isOver = outcome.then(
      () => undefined,
      () => undefined,
    );
    this.#byId.set(id, isOver);
    this.#byMove.set(move, isOver);
    try {
      return await outcome;
    } finally {
      this.#byId.delete(id);
      this.#byMove.delete(move);
    }
  }
}
