import type { MemoryAdapter, StashAdapter } from "live-stash";

/** What the pages of the showcase share. */
export interface Showcase {
  readonly adapter: MemoryAdapter;
  /** For its test page; `undefined` where no `REDIS_URL` names a server. */
  readonly redis: StashAdapter | undefined;
  /** How long a stash outlives its connection, in ms. */
  readonly ttlMs: number;
  /** The clock, in ms since the epoch. */
  readonly now: () => number;
  /** Ends this process in an orderly way; the supervisor starts the next. */
  readonly restartServer: () => void;
}
