import type { StashId } from "../store/adapter.ts";
import type { MoveNumber } from "./moves.ts";

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
