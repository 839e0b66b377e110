/**
 * Ways to be a bad application, each of which the lab must find and name: `slow` adds 20 ms to joins
 * and events, `wrong` recovers another count in 1 of 1,000 recoveries, `leak` leaves a timer behind
 * for each joined view.
 */
export const FAULTS = ["slow", "wrong", "leak"] as const;
export type Fault = (typeof FAULTS)[number];

const SLOW_BY_MS = 20;
const WRONG_EVERY = 1_000;
/** Early, so that a short run meets one. */
const FIRST_WRONG = 50;
const LONG_MS = 2 ** 31 - 1;

/** What a view does wrong, called at the moments that matter. */
export interface BadHabits {
  /** Awaited in joins and events. */
  dawdle(): Promise<void> | undefined;
  /** What is shown instead of a recovered count. */
  distort(count: number): number;
  /** Called for each join. */
  litter(): void;
}

/** The habits of an application with that fault; without one, none. */
export function badHabits(fault: Fault | undefined): BadHabits {
  let recoveries = 0;
  return {
    dawdle() {
      if (fault !== "slow") return undefined;
      return new Promise((resolve) => setTimeout(resolve, SLOW_BY_MS));
    },
    distort(count) {
      recoveries += 1;
      return fault === "wrong" && recoveries % WRONG_EVERY === FIRST_WRONG ? count + 1 : count;
    },
    litter() {
      if (fault === "leak") setInterval(() => undefined, LONG_MS);
    },
  };
}

/** Reads the name of a fault; `undefined` for the name of none. */
export const parseFault = (name: string | undefined): Fault | undefined =>
  FAULTS.find((fault) => fault === name);
