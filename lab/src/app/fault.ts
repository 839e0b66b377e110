/**
 * Faults of an application, each of which the lab must find: `slow` adds 20 ms to joins and events,
 * `wrong` recovers a wrong count in 1 of 1,000 recoveries, `leak` leaves a timer behind for each joined
 * view.
 */
export const FAULTS = ["slow", "wrong", "leak"] as const;
export type Fault = (typeof FAULTS)[number];

const SLOW_BY_MS = 20;
const WRONG_EVERY = 1_000;
/** Early, so that a short run has a wrong recovery too. */
const FIRST_WRONG = 50;
const LONG_MS = 2 ** 31 - 1;

/** The places in a view at which a fault takes effect. */
export interface FaultInjection {
  /** Awaited in joins and events. */
  delay(): Promise<void> | undefined;
  /** Returns the count to show for a recovered one. */
  distort(count: number): number;
  /** Called for each join. */
  leak(): void;
}

/** Creates the injection of that fault; without a fault, one that does nothing. */
export function createFaultInjection(fault: Fault | undefined): FaultInjection {
  let recoveries = 0;
  return {
    delay() {
      if (fault !== "slow") return undefined;
      return new Promise((resolve) => setTimeout(resolve, SLOW_BY_MS));
    },
    distort(count) {
      recoveries += 1;
      return fault === "wrong" && recoveries % WRONG_EVERY === FIRST_WRONG ? count + 1 : count;
    },
    leak() {
      if (fault === "leak") setInterval(() => undefined, LONG_MS);
    },
  };
}

/** Parses the name of a fault; `undefined` if no fault has that name. */
export const parseFault = (name: string | undefined): Fault | undefined =>
  FAULTS.find((fault) => fault === name);
