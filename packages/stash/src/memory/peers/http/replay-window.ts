/** How far behind the newest number one may come: more than one peer has under way at once. */
const SIZE = 1_024;

/** The highest number that can be told apart. */
export const MAX_MESSAGE_NUMBER = 0xffff_ffff;

/** Accepts each number of a sender once, in about the order in which they were given. */
export class ReplayWindow {
  readonly #accepted = new Uint32Array(SIZE);
  #highest = 0;

  /** Numbers are from 1 on. `false`: it came before, or is too old to know. */
  accept(number: number): boolean {
    const place = number % SIZE;
    if (number + SIZE <= this.#highest || number <= (this.#accepted[place] ?? 0)) return false;
    this.#accepted[place] = number;
    this.#highest = Math.max(this.#highest, number);
    return true;
  }
}
