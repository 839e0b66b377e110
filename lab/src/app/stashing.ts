import type { Socket, ViewHook } from "@live-stash/live-view";
import { liveStash, recoverState, stash } from "live-stash";
import type { StashAdapter } from "live-stash/adapter";

/** The assigns of the study's page. */
export interface BenchAssigns {
  status: string;
  count: number;
  entries: Record<string, string>;
}

/** Stores and recovers the page's `count` and `entries`. */
export interface Stashing {
  readonly use: readonly ViewHook<BenchAssigns>[];
  /** Assigns the recovered state, if any; resolves to the status to show. */
  recover(socket: Socket<BenchAssigns>): Promise<string>;
  stash(socket: Socket<BenchAssigns>): Promise<unknown>;
}

/** Stashes with LiveStash, as an application does. */
export const withLiveStash = (adapter: StashAdapter, ttlMs: number): Stashing => ({
  use: [liveStash<BenchAssigns>({ adapter, ttlMs, storedKeys: ["count", "entries"] })],
  recover: async (socket) => (await recoverState(socket)).status,
  stash: (socket) => stash(socket),
});
