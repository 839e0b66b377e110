import type { StashId } from "../../adapter.ts";
import type { Clock } from "../../options.ts";
import { isOffer, type MoveNumber } from "./moves.ts";
import type { NodeName } from "./peer-network.ts";

interface Arrival {
  readonly holder: NodeName;
  readonly move: MoveNumber;
  readonly atMs: number;
  readonly outcome: "arrived" | "refused";
  /** Those of an offer that were not kept. */
  readonly missing: ReadonlySet<StashId>;
}

const NOTHING: ReadonlySet<StashId> = new Set();

/** What came to this node with which move, until the node that held it knows; and what must not. */
export class Arrivals {
  readonly #clock: Clock;
  readonly #rememberedMs: number;
  /** The oldest first. */
  readonly #arrivals = new Map<string, Arrival>();
  readonly #unsettled = new Map<NodeName, Set<MoveNumber>>();
  readonly #voidOffers = new Map<string, number>();

  /** A move is remembered so long: longer than the node that held the stash waits before it asks. */
  constructor(clock: Clock, rememberedMs: number) {
    this.#clock = clock;
    this.#rememberedMs = rememberedMs;
  }

  add(holder: NodeName, move: MoveNumber, missing: ReadonlySet<StashId> = NOTHING): void {
    this.#put({ holder, move, atMs: this.#clock.now(), outcome: "arrived", missing });
    if (isOffer(move)) return;
    const moves = this.#unsettled.get(holder) ?? new Set();
    this.#unsettled.set(holder, moves.add(move));
  }

  /** From now on it will not be kept, should it come. */
  refuse(holder: NodeName, move: MoveNumber): void {
    this.#put({ holder, move, atMs: this.#clock.now(), outcome: "refused", missing: NOTHING });
  }

  isRefused(holder: NodeName, move: MoveNumber): boolean {
    return this.#arrivals.get(keyOf(holder, move))?.outcome === "refused";
  }

  has(holder: NodeName, move: MoveNumber, id: StashId): boolean {
    const arrival = this.#arrivals.get(keyOf(holder, move));
    return arrival?.outcome === "arrived" && !arrival.missing.has(id);
  }

  /** Those of an offer that were not kept; `undefined` if it did not come, or must not. */
  missingOf(holder: NodeName, move: MoveNumber): ReadonlySet<StashId> | undefined {
    const arrival = this.#arrivals.get(keyOf(holder, move));
    return arrival?.outcome === "arrived" ? arrival.missing : undefined;
  }

  /** One stash of an offer has been taken before the offer came. */
  voidOffer(holder: NodeName, move: MoveNumber, id: StashId): void {
    this.#voidOffers.set(`${keyOf(holder, move)}/${id}`, this.#clock.now());
  }

  isVoid(holder: NodeName, move: MoveNumber, id: StashId): boolean {
    return this.#voidOffers.has(`${keyOf(holder, move)}/${id}`);
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
    const longAgoMs = this.#clock.now() - this.#rememberedMs;
    for (const { holder, move, atMs } of this.#arrivals.values()) {
      if (atMs > longAgoMs) break;
      this.#delete(holder, move);
    }
    for (const [key, atMs] of this.#voidOffers) {
      if (atMs > longAgoMs) break;
      this.#voidOffers.delete(key);
    }
  }

  #put(arrival: Arrival): void {
    this.prune();
    const key = keyOf(arrival.holder, arrival.move);
    this.#arrivals.delete(key);
    this.#arrivals.set(key, arrival);
  }

  #delete(holder: NodeName, move: MoveNumber): void {
    this.#arrivals.delete(keyOf(holder, move));
    const moves = this.#unsettled.get(holder);
    moves?.delete(move);
    if (moves?.size === 0) this.#unsettled.delete(holder);
  }
}

const keyOf = (holder: NodeName, move: MoveNumber): string => `${holder}/${move}`;
