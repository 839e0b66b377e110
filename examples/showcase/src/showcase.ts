import type { StashAdapter } from "live-stash/adapter";
import type { Adapters } from "./adapters.ts";
import type { StoreOutage } from "./store-outage.ts";

/** The parts that all pages of the showcase share. */
export interface Showcase {
  /** All that there are: a test page for each. */
  readonly adapters: Adapters;
  /** The one of the main pages. */
  readonly adapter: StashAdapter;
  /** The same, for the page on which the store can be taken away. */
  readonly outage: StoreOutage;
  /** The name of this node in its cluster; `undefined` without a cluster. */
  readonly node: string | undefined;
  /** The time limit of a view for an adapter call, in ms. */
  readonly timeoutMs: number;
  /** For how long a view that comes back asks an adapter that does not answer, in ms. */
  readonly recoverWithinMs: number;
  /** The TTL of a stash after the disconnect, in ms. */
  readonly ttlMs: number;
  /** The clock, in ms since the epoch. */
  readonly now: () => number;
  /** Ends this process in an orderly way; whoever started it starts the next. */
  readonly restartServer: () => void;
}
