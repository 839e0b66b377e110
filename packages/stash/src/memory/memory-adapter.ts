import type { AdapterCapabilities, MaybePromise, StashAdapter } from "../adapter.ts";
import { StashError } from "../errors.ts";
import {
  type MemoryAdapterOptions,
  type MemoryFigures,
  parseMemoryOptions,
} from "./memory-options.ts";
import { MemoryStore } from "./memory-store.ts";

/** An adapter that keeps stashes in the memory of this process. */
export interface MemoryAdapter extends StashAdapter {
  /** What it holds, and has let go. */
  figures(): MemoryFigures;
  /** Lets go of what has expired, without waiting for the next sweep. */
  sweep(): void;
}

/**
 * Keeps stashes in this process: the fastest adapter, for one node, and gone with it. Records are
 * kept compressed and off the JavaScript heap, and expire exactly at their deadline.
 *
 * Throws a `StashError` with `invalid_option`.
 */
export function createMemoryAdapter(options: MemoryAdapterOptions = {}): MemoryAdapter {
  const settings = parseMemoryOptions(options);
  const capabilities: AdapterCapabilities = {
    sharedAcrossNodes: false,
    survivesRestart: false,
    browserHolds: "reference",
    needsKeepAlive: false,
    maxBytes: settings.maxRecordBytes,
  };
  let store: MemoryStore | undefined = new MemoryStore(settings);
  let sweeping: NodeJS.Timeout | undefined;

  const stopSweeping = (): void => {
    clearInterval(sweeping);
    sweeping = undefined;
  };

  const sweep = (): void => {
    if (store?.sweep() !== true) stopSweeping();
  };

  const use = <Outcome>(operation: (open: MemoryStore) => Outcome): MaybePromise<Outcome> => {
    if (store === undefined) return Promise.reject(closed());
    const outcome = operation(store);
    if (sweeping === undefined && store.canExpire) {
      sweeping = setInterval(sweep, settings.sweepIntervalMs).unref();
    }
    return outcome;
  };

  return {
    name: "memory",
    capabilities,
    save: (request) => use((open) => open.save(request)),
    load: (request) => use((open) => open.load(request)),
    keepAlive: (requests) => use((open) => requests.map((request) => open.keepAlive(request))),
    forget: (request) => use((open) => open.forget(request)),
    close() {
      stopSweeping();
      store = undefined;
    },
    figures: () => (store ?? new MemoryStore(settings)).figures(),
    sweep,
  };
}

function closed(): StashError {
  return new StashError(
    "adapter_closed",
    'The stash adapter "memory" was called: expected it open, found it closed. Close it only after ' +
      "the server has stopped.",
  );
}
