import type { AdapterCapabilities, MaybePromise, StashAdapter } from "live-stash/adapter";

/** One kind of outage of a service, such as "stopped", "paused" or "cut off". */
export interface Outage {
  /** Completes the sentence "while the service is …". */
  readonly name: string;
  /** Makes the service unreachable, and resolves when it is. */
  begin(): MaybePromise<void>;
  /** Makes the service reachable again, and resolves when it is. */
  end(): MaybePromise<void>;
}

/** The service that an adapter talks to. */
export interface ServiceUnderTest {
  /**
   * The time within which the adapter promises to settle every call, in ms. Configure the adapter for a
   * short one. The tests wait 2,000 ms longer before they fail, because a machine can be busy.
   */
  readonly answersWithinMs: number;
  /** The outages to test with. For a service that can be stopped and paused (SIGSTOP), list both. */
  readonly outages: readonly Outage[];
}

/** The adapter to test, its capabilities, and a function that opens it. */
export interface AdapterUnderTest {
  /** The title of the suite. */
  readonly name: string;
  /**
   * The capabilities that the adapter is expected to declare. A test asserts that the adapter declares
   * exactly these, so that no capability is lost unnoticed. Tests that need others are skipped.
   */
  readonly capabilities: AdapterCapabilities;
  /**
   * Opens an adapter; the suite closes it. If stashes are shared across nodes or survive a restart, all
   * adapters must use the same store. Stashes of earlier tests may be left in it.
   */
  create(): MaybePromise<StashAdapter>;
  /**
   * The clock that the adapters were created with. Without it, the tests use the system's clock, wait for
   * deadlines (a few seconds in all) and tolerate 50 ms.
   */
  readonly clock?: ManualClock;
  /**
   * `true` for an adapter that keeps each stash on the node of its owner's view, where only `load` finds
   * and moves the stash from another node. The tests then make all other calls on the owner's node, as
   * the core does. Default `false`: any node may make any call.
   */
  readonly keepsStashesWithOwners?: boolean;
  /** The service that the adapter connects to, if it has one. */
  readonly service?: ServiceUnderTest;
}

/** A clock that stands still until a test advances it. */
export interface ManualClock {
  /** The time, in ms since the epoch. */
  now(): number;
  /** Advances the clock by `ms`. */
  advance(ms: number): void;
}

/** Creates a clock for an adapter with a clock option: deadlines are then tested to the millisecond. */
export function createManualClock(nowMs: number = Date.now()): ManualClock {
  let timeMs = nowMs;
  return {
    now: () => timeMs,
    advance(ms) {
      timeMs += ms;
    },
  };
}
