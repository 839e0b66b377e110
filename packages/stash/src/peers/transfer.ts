import type { NodeName } from "./peer-network.ts";

/**
 * Numbers the moves of stashes between two nodes. A node that takes a stash numbers the move, and
 * so does one that offers stashes; the two count apart, so that neither is taken for the other.
 */
export type MoveNumber = number;

const FIRST_OFFER = 0x8000_0000;

export const isOffer = (move: MoveNumber): boolean => move >= FIRST_OFFER;

/** Counts the moves that one node begins. */
export function createMoveNumbers(): { take(): MoveNumber; offer(): MoveNumber } {
  let takes = 0;
  let offers = 0;
  const next = (count: number): number => (count + 1) % FIRST_OFFER;
  return {
    take() {
      takes = next(takes);
      return takes;
    },
    offer() {
      offers = next(offers);
      return FIRST_OFFER + offers;
    },
  };
}

/** A move, as somebody else speaks of it: `node` holds the stash, or got it. */
export interface MoveOf {
  readonly node: NodeName;
  readonly move: MoveNumber;
}
