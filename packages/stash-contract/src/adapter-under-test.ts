import type { AdapterCapabilities, MaybePromise, StashAdapter } from "live-stash/adapter";
import type { ManualClock } from "./manual-clock.ts";

/** One way in which a service can be away, such as "stopped", "paused" or "cut off". */
export interface Outage {
  /** Completes the sentence "while the service is …". */
  readonly name: string;
  /** Resolves when the service is away. */
  begin(): MaybePromise<void>;
  /** Resolves when the service can be reached again. */
  end(): MaybePromise<void>;
}

/** The service that an adapter talks to. */
export interface ServiceUnderTest {
  /**
   * The adapter's own stated time, in ms: every call answers or rejects within it. The tests wait
   * 2,000 ms longer before they fail. Configure the adapter for a short one.
   */
  readonly answersWithinMs: number;
  /** A service that can be stopped and paused (SIGSTOP) has both of them here. */
  readonly outages: readonly Outage[];
}

/** The adapter to test, and how to come by it. */
export interface AdapterUnderTest {
  /** The title of the suite. */
  readonly name: string;
  /**
   * What the adapter is expected to be able to do. A test asserts that it says exactly this of
   * itself, so that no capability is lost unnoticed; what it cannot do is skipped, with the reason.
   */
  readonly capabilities: AdapterCapabilities;
  /**
   * Opens an adapter; the suite closes it. Where stashes are shared or survive, each one that is
   * opened uses the same store, as another node would. What earlier tests left there does no harm.
   */
  create(): MaybePromise<StashAdapter>;
  /**
   * The clock that the adapters were given. Left out, deadlines are set by the system's clock, waited
   * for (a second in all), and may be missed by 50 ms.
   */
  readonly clock?: ManualClock;
  /**
   * `true` for an adapter that keeps each stash on the node of its owner's view: only `load` finds it
   * from elsewhere, and moves it. All other calls are then made on the owner's node, as the core makes
   * them. Left out, any call may come from any node.
   */
  readonly keepsStashesWithOwners?: boolean;
  /** Left out where there is none, as in memory. */
  readonly service?: ServiceUnderTest;
}
