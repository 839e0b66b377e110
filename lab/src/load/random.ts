/** Numbers from 0 to less than 1 that look random and follow from the seed alone. */
export type Random = () => number;

/** Mulberry32: small, fast, and good enough to spread users. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A number between two others, of that source. */
export const between = (random: Random, from: number, to: number): number =>
  from + random() * (to - from);
