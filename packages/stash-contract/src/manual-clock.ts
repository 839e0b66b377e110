/** A clock that stands still until it is moved. */
export interface ManualClock {
  /** The time, in ms since the epoch. */
  now(): number;
  /** Moves it on by so many ms. */
  advance(ms: number): void;
}

/** A clock for an adapter that can be given one: its deadlines are then tested to the millisecond. */
export function createManualClock(nowMs: number = Date.now()): ManualClock {
  let timeMs = nowMs;
  return {
    now: () => timeMs,
    advance(ms) {
      timeMs += ms;
    },
  };
}
