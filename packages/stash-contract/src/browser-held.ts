import type { StashId } from "live-stash/adapter";

/** What a browser carries for the adapter, by stash. */
export type BrowserHeld = Map<StashId, Uint8Array>;
