import type { StashAdapter } from "live-stash";
import type { Adapters } from "./adapters.ts";

/** What the pages of the showcase share. */
export interface Showcase {
  /** All that there are: a test page for each. */
  readonly adapters: Adapters;
  /** The one of the main pages. */
  readonly adapter: StashAdapter;
  /** What tells this node from the others of its cluster; `undefined` where it is alone. */
  readonly node: string | undefined;
  /** How long a view waits for an adapter, in ms. */
  readonly timeoutMs: number;
  /** How long a stash outlives its connection, in ms. */
  readonly ttlMs: number;
  /** The clock, in ms since the epoch. */
  readonly now: () => number;
  /** Ends this process in an orderly way; whoever started it starts the next. */
  readonly restartServer: () => void;
}
