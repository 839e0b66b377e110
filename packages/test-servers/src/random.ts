/** Pseudo-random numbers: the same seed gives the same numbers. */
export interface Random {
  /** Returns a number from 0 to below 1. */
  next(): number;
  /** Returns a number from `from` to below `to`. */
  between(from: number, to: number): number;
  /** Returns a whole number from 0 to below `limit`. */
  below(limit: number): number;
  /** @throws Error if `items` is empty. */
  pick<Item>(items: readonly Item[]): Item;
}

/** Creates a generator with mulberry32: small, fast, and good enough for tests and load. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    between: (from, to) => from + next() * (to - from),
    below,
    pick(items) {
      const item = items[below(items.length)];
      if (item === undefined) throw new Error("pick(): expected at least one item, got none.");
      return item;
    },
  };
}
