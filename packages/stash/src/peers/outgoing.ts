import type { StashId } from "../store/adapter.ts";
import type { StashedEntry } from "../memory/entry.ts";
import { isOffer, type MoveNumber } from "./transfer.ts";
import type { NodeName } from "./peer-network.ts";

/** A stash that was given away, and is kept until the other node is known to have it. */
export interface Departure {
  readonly entry: StashedEntry;
  to: NodeName;
  move: MoveNumber;
  /** From then on the other node is asked what became of it. */
  leaseUntilMs: number;
}

/** The stashes on their way to other nodes. */
export class Departures {
  readonly #byId = new Map<StashId, Departure>();
  /** What was taken, one stash for each move; offers are settled by their ids. */
  readonly #taken = new Map<string, StashId>();

  /** Called for each that is added. */
  onAdd: () => void = () => {};

  get size(): number {
    return this.#byId.size;
  }

  has(id: StashId): boolean {
    return this.#byId.has(id);
  }

  get(id: StashId): Departure | undefined {
    return this.#byId.get(id);
  }

  add(departure: Departure): void {
    this.#byId.set(departure.entry.id, departure);
    this.#index(departure);
    this.onAdd();
  }

  /** It goes elsewhere, or with another move. */
  redirect(departure: Departure, to: NodeName, move: MoveNumber, leaseUntilMs: number): void {
    this.#taken.delete(keyOf(departure.to, departure.move));
    Object.assign(departure, { to, move, leaseUntilMs });
    this.#index(departure);
  }

  /** The stashes that a node took with a move, or was offered with it, and that are still kept for it. */
  takenBy(node: NodeName, move: MoveNumber): Departure[] {
    if (isOffer(move)) {
      return [...this.#byId.values()].filter((each) => each.to === node && each.move === move);
    }
    const id = this.#taken.get(keyOf(node, move));
    const departure = id === undefined ? undefined : this.#byId.get(id);
    return departure === undefined ? [] : [departure];
  }

  remove(departure: Departure): void {
    this.#byId.delete(departure.entry.id);
    this.#taken.delete(keyOf(departure.to, departure.move));
  }

  overdue(nowMs: number): Departure[] {
    return [...this.#byId.values()].filter(({ leaseUntilMs }) => leaseUntilMs <= nowMs);
  }

  #index({ entry, to, move }: Departure): void {
    if (!isOffer(move)) this.#taken.set(keyOf(to, move), entry.id);
  }
}

const keyOf = (node: NodeName, move: MoveNumber): string => `${node}/${move}`;

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
