import type { StashAdapter } from "live-stash/adapter";
import type { Adapters } from "./adapters.ts";
import type { StoreOutage } from "./store-outage.ts";

/** The parts that all pages of the showcase share. */
export interface Showcase {
  /** All adapters. Each has a test page. */
  readonly adapters: Adapters;
  /** The adapter of the main pages. */
  readonly adapter: StashAdapter;
  /** The same adapter behind a store that can be taken away, for the page that shows an outage. */
  readonly outage: StoreOutage;
  /** The name of this node in its cluster; `undefined` without a cluster. */
  readonly node: string | undefined;
  /** The time limit of a view for an adapter call, in ms. */
  readonly timeoutMs: number;
  /** The time for which a returning view retries an adapter that does not answer, in ms. */
  readonly recoverWithinMs: number;
  /** The TTL of a stash after the disconnect, in ms. */
  readonly ttlMs: number;
  /** The clock, in ms since the epoch. */
  readonly now: () => number;
  /** Shuts this process down. The parent process starts the next one. */
  readonly restartServer: () => void;
}
