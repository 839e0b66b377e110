import type { Clock } from "live-stash/adapter";

/**
 * Numbers for what an owner does to its stash, each greater than those before. A command that was
 * given up may still reach Redis, over another connection and after a later one: the number tells.
 *
 * They follow the clock, so that another adapter in the same owner's name would go on from here.
 */
export function createTurns(clock: Clock): () => number {
  let last = 0;
  return () => {
    last = Math.max(last + 1, clock.now());
    return last;
  };
}
