import type { AdapterCapabilities, MaybePromise, StashAdapter } from "../store/adapter.ts";
import { messageWithCause } from "../describe-cause.ts";
import { StashError } from "../errors.ts";
import {
  type MemoryAdapterOptions,
  type MemoryFigures,
  type MemorySettings,
  parseMemoryOptions,
} from "./memory-adapter-options.ts";
import { MemoryStore } from "../memory/memory-store.ts";
import {
  type HandOverOptions,
  type HandOverResult,
  parseHandOverOptions,
} from "../peers/hand-over.ts";
import { PeeredStore } from "../peers/peered-store.ts";

/** An adapter that stores stashes in the memory of this process. */
export interface MemoryAdapter extends StashAdapter {
  /** Returns the contents of the adapter, and its evictions and expiries since its start. */
  figures(): MemoryFigures;
  /** Deletes expired stashes now, without waiting for the next sweep. */
  sweep(): void;
  /**
   * Resolves once this node answers its peers; at once without `peers`. Rejects with
   * `adapter_unavailable` if this node cannot answer them, for instance because its port is taken.
   * The adapter then works for this node alone.
   */
  ready(): Promise<void>;
  /**
   * Hands the stashes of disconnected views over to other nodes before this one stops. Call it
   * after `server.drain()`, since stashes of connected views stay here, and before `close()`.
   * Without `peers` nothing is handed over. A failing peer never makes it reject: stashes that no
   * peer accepts are counted as `left`.
   */
  handOver(options?: HandOverOptions): Promise<HandOverResult>;
  close(): Promise<void>;
}

/**
 * Creates an adapter that stores stashes in this process. It is the fastest adapter, and its
 * stashes are lost with the process. Records are compressed and off the JavaScript heap, and expire
 * exactly at their deadline. With `peers`, a page finds its stash on any node of the application,
 * and the stash moves to the page's node.
 *
 * Throws a `StashError` with `invalid_option`.
 */
export function createMemoryAdapter(options: MemoryAdapterOptions = {}): MemoryAdapter {
  const settings = parseMemoryOptions(options);
  const capabilities: AdapterCapabilities = {
    sharedAcrossNodes: settings.peers !== undefined,
    survivesRestart: false,
    browserHolds: "reference",
    needsKeepAlive: false,
    maxBytes: settings.maxRecordBytes,
  };
  const store = new MemoryStore(settings);
  const peered = peeredStoreOf(settings, store);
  const stashes: PeeredStore | MemoryStore = peered ?? store;
  const opening = open(peered);
  let sweeping: NodeJS.Timeout | undefined;
  let closing: Promise<void> | undefined;

  const stopSweeping = (): void => {
    clearInterval(sweeping);
    sweeping = undefined;
  };

  const sweep = (): void => {
    peered?.sweep();
    if (!store.sweep() && peered?.needsSweep !== true) stopSweeping();
  };

  const startSweeping = (): void => {
    if (sweeping !== undefined || closing !== undefined) return;
    if (!store.canExpire && peered?.needsSweep !== true) return;
    sweeping = setInterval(sweep, settings.sweepIntervalMs).unref();
  };
  peered?.onOutgoing(startSweeping);

  const use = <Outcome>(operation: () => MaybePromise<Outcome>): MaybePromise<Outcome> => {
    if (closing !== undefined) return Promise.reject(closed());
    const outcome = operation();
    startSweeping();
    return outcome;
  };

  const close = async (): Promise<void> => {
    stopSweeping();
    await opening.catch(() => undefined);
    await peered?.close();
    store.clear();
  };

  return {
    name: "memory",
    capabilities,
    save: (request) => use(() => stashes.save(request)),
    load: (request) => use(() => stashes.load(request)),
    keepAlive: (requests) => use(() => requests.map((request) => stashes.keepAlive(request))),
    forget: (request) => use(() => stashes.forget(request)),
    close() {
      closing ??= close();
      return closing;
    },
    figures: () => ({
      ...store.figures(),
      ...(peered === undefined ? {} : { peers: peered.figures() }),
    }),
    sweep,
    ready: () => opening,
    async handOver(handOverOptions = {}) {
      const { signal, ...batches } = parseHandOverOptions(handOverOptions);
      if (closing !== undefined) throw closed();
      if (peered === undefined) return { handedOver: 0, left: store.figures().entries };
      await opening.catch(() => undefined);
      return peered.handOver(batches, signal);
    },
  };
}

function peeredStoreOf(
  { peers, monotonicNow, lookupTimeoutMs, peerSilenceMs }: MemorySettings,
  store: MemoryStore,
): PeeredStore | undefined {
  if (peers === undefined) return undefined;
  return new PeeredStore({ store, network: peers, monotonicNow, lookupTimeoutMs, peerSilenceMs });
}

/** Opens the node to its peers. A failure rejects, and is logged as well: `ready()` may never be called. */
function open(peered: PeeredStore | undefined): Promise<void> {
  const opening = (peered?.open() ?? Promise.resolve()).catch((cause: unknown) => {
    const error = cause instanceof StashError ? cause : cannotOpen(cause);
    console.error(`live-stash: ${messageWithCause(error)}`);
    throw error;
  });
  opening.catch(() => undefined);
  return opening;
}

function cannotOpen(cause: unknown): StashError {
  return new StashError(
    "adapter_unavailable",
    "Opening the memory adapter to its peers: expected to listen for them, found an error " +
      `(${describe(cause)}). Other nodes do not find the stashes of this one: solve the error, then restart ` +
      "the process.",
    { cause },
  );
}

/** Returns the system's message, such as "listen EADDRINUSE: address already in use 127.0.0.1:4100". */
const describe = (cause: unknown): string =>
  cause instanceof Error ? cause.message : "of an unknown kind";

function closed(): StashError {
  return new StashError(
    "adapter_closed",
    'The stash adapter "memory" was called: expected it open, found it closed. Close it only after ' +
      "the last view has ended.",
  );
}
