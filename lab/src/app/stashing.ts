import type { Socket, ViewHook } from "@live-stash/live-view";
import { liveStash, recoverState, stash } from "live-stash";
import type { StashAdapter } from "live-stash/adapter";

/** What the page of the study shows, and keeps. */
export interface BenchAssigns {
  status: string;
  count: number;
  entries: Record<string, string>;
}

/** How the page keeps `count` and `entries`. */
export interface Stashing {
  readonly use: readonly ViewHook<BenchAssigns>[];
  /** Assigns what was kept, if anything; resolves to the status to show. */
  recover(socket: Socket<BenchAssigns>): Promise<string>;
  stash(socket: Socket<BenchAssigns>): Promise<unknown>;
}

/** As an application does it that uses LiveStash. */
export const withLiveStash = (adapter: StashAdapter, ttlMs: number): Stashing => ({
  use: [liveStash<BenchAssigns>({ adapter, ttlMs, storedKeys: ["count", "entries"] })],
  recover: async (socket) => (await recoverState(socket)).status,
  stash: (socket) => stash(socket),
});
