import type { StashAdapter } from "../store/adapter.ts";
import type { Background, StashedView } from "../view/stashed-view.ts";
import { closeAdapter } from "./close-adapter.ts";
import { FinalDeadlines } from "./final-deadlines.ts";
import { KeepAliveLoop } from "./keep-alive.ts";
import { StoreRetries } from "./store-retries.ts";

/** The background work for all views of one adapter, whichever `liveStash()` they use. */
export class AdapterBackground implements Background {
  readonly adapter: StashAdapter;
  readonly keepAlive: KeepAliveLoop | undefined;
  readonly storeRetries = new StoreRetries();
  readonly finalDeadlines = new FinalDeadlines();
  readonly viewsWarnedOf = new Set<string>();
  #closed: Promise<void> | undefined;

  /** `saveLost` is called for a view whose stash the store has lost. */
  constructor(adapter: StashAdapter, saveLost: (view: StashedView) => void) {
    this.adapter = adapter;
    const { needsKeepAlive } = adapter.capabilities;
    this.keepAlive = needsKeepAlive ? new KeepAliveLoop(adapter, saveLost) : undefined;
  }

  /** Hands the adapter's stashes over to other nodes, if it can, and closes it. Further calls do nothing. */
  close(): Promise<void> {
    this.#closed ??= closeAdapter(this.adapter);
    return this.#closed;
  }
}

/** The property of an adapter that holds its background work, which lives as long as the adapter. */
const BACKGROUND = Symbol("live-stash background");

/** Returns the background work of an adapter, which all `liveStash()` with this adapter share. */
export function backgroundOf(
  adapter: StashAdapter & { readonly [BACKGROUND]?: AdapterBackground },
  saveLost: (view: StashedView) => void,
): AdapterBackground {
  const existing = adapter[BACKGROUND];
  // An adapter that inherits from another one, or is a proxy of it, must not share its background work.
  if (existing?.adapter === adapter) return existing;
  const background = new AdapterBackground(adapter, saveLost);
  // Fails for a frozen adapter. Each `liveStash()` then has background work of its own.
  Reflect.defineProperty(adapter, BACKGROUND, { value: background });
  return background;
}
