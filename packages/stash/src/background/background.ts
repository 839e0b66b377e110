import type { StashAdapter } from "../store/adapter.ts";
import type { Background, StashedView } from "../view/stashed-view.ts";
import { FinalDeadlines } from "./final-deadlines.ts";
import { KeepAliveLoop } from "./keep-alive.ts";
import { StoreRetries } from "./store-retries.ts";

/** Half of the time that a server gives to a hook by default: the other half is left for closing. */
const HAND_OVER_MS = 5_000;

/** The part of an adapter that transfers its stashes to other nodes; `MemoryAdapter` has it. */
interface HandsOver {
  handOver(options: { readonly signal: AbortSignal }): Promise<unknown>;
}

/** The background work for all views of one adapter, whichever `liveStash()` they use. */
export class BackgroundRegistry implements Background {
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
    this.#closed ??= handOverAndClose(this.adapter);
    return this.#closed;
  }
}

async function handOverAndClose(adapter: StashAdapter): Promise<void> {
  try {
    if (canHandOver(adapter)) await adapter.handOver({ signal: AbortSignal.timeout(HAND_OVER_MS) });
  } finally {
    await adapter.close();
  }
}

function canHandOver(adapter: StashAdapter): adapter is StashAdapter & HandsOver {
  return "handOver" in adapter && typeof adapter.handOver === "function";
}

/** The property of an adapter that holds its registry, so that the registry lives as long as the adapter. */
const REGISTRY = Symbol("live-stash background");

/** Returns the registry of an adapter, which all `liveStash()` with this adapter share. */
export function backgroundOf(
  adapter: StashAdapter & { readonly [REGISTRY]?: BackgroundRegistry },
  saveLost: (view: StashedView) => void,
): BackgroundRegistry {
  const existing = adapter[REGISTRY];
  // An adapter that inherits from another one, or is a proxy of it, must not share its registry.
  if (existing?.adapter === adapter) return existing;
  const registry = new BackgroundRegistry(adapter, saveLost);
  // Fails for a frozen adapter. Each `liveStash()` then has a registry of its own.
  Reflect.defineProperty(adapter, REGISTRY, { value: registry });
  return registry;
}
