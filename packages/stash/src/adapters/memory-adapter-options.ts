import {
  type Clock,
  checkOptions,
  invalidOption,
  MAX_TIMER_MS,
  monotonicClockOf,
  type OptionTable,
} from "../option-checks.ts";
import type { MemoryStoreSettings, StoreFigures } from "../memory/memory-store.ts";
import { MAX_PEER_MESSAGE_BYTES, type PeerNetwork } from "../peers/peer-network.ts";
import type { PeerFigures } from "../peers/peered-store.ts";

/** Limits for the memory of stashes, and the peers of this node. */
export interface MemoryAdapterOptions {
  /**
   * The memory for all stashes, in bytes. Default 268,435,456 (256 MiB). When it is used up, the
   * stashes that were disconnected first are evicted. Stashes of connected views are never evicted:
   * if there are only such, a save fails with `adapter_full`.
   */
  readonly maxBytes?: number;
  /**
   * The largest record, in bytes. Default 4,194,304, or `maxBytes` if that is less. At most
   * 6,291,456 with `peers`.
   */
  readonly maxRecordBytes?: number;
  /** The interval at which expired stashes are deleted, in ms. Default 1,000. They are unreadable at once. */
  readonly sweepIntervalMs?: number;
  /**
   * The network of the application's other nodes, from `peersOverHttp` or `peersOnThisMachine`. A
   * page then finds its stash on any node, and the stash moves to the page's node. Default: none.
   */
  readonly peers?: PeerNetwork;
  /**
   * The longest time of a lookup at other nodes, in ms. Default 500. Give `liveStash()` a longer
   * `timeoutMs`. If a node that may have the stash has not answered by then, `load` rejects with
   * `adapter_timeout`.
   */
  readonly lookupTimeoutMs?: number;
  /**
   * The time after which a node that answers no request counts as gone, with its stashes, in ms.
   * Default 15,000. Until then a stash that only that node can have is not answered with `absent`.
   * A node that is killed or removed is gone at once.
   */
  readonly peerSilenceMs?: number;
  /** The clock of the deadlines that the core passes. Default: the system's. */
  readonly clock?: Clock;
  /**
   * A clock in ms that is never set, for stored deadlines: setting `clock` neither shortens nor
   * prolongs the life of a stash. Default: `performance.now()`, or `clock` if one is given, for
   * tests that move it.
   */
  readonly monotonicNow?: () => number;
}

/** The contents of a memory adapter (`entries`, `connected`, `bytes`), and its evictions and expiries. */
export interface MemoryFigures extends StoreFigures {
  /** With `peers`: the transfers between this node and others. */
  readonly peers?: PeerFigures;
}

export interface MemorySettings extends MemoryStoreSettings {
  readonly peers: PeerNetwork | undefined;
  readonly lookupTimeoutMs: number;
  readonly peerSilenceMs: number;
}

const DEFAULT_MAX_RECORD_BYTES = 4_194_304;
/**
 * Three quarters of the largest message: a batch of `handOver`, at most 1 MiB, may be in front of
 * the record.
 */
const MAX_MOVING_RECORD_BYTES = (MAX_PEER_MESSAGE_BYTES / 4) * 3;

const caller = "createMemoryAdapter";

const TABLE = {
  maxBytes: { kind: "number", default: 268_435_456 },
  // Its default depends on maxBytes.
  maxRecordBytes: { kind: "number" },
  sweepIntervalMs: { kind: "number", default: 1_000, most: MAX_TIMER_MS },
  peers: {
    kind: "value",
    accepts: isPeerNetwork,
    expected: "a network of nodes",
    advice: "Create one with peersOverHttp({ … }) or peersOnThisMachine({ … }), or leave it out.",
  },
  lookupTimeoutMs: { kind: "number", default: 500, most: MAX_TIMER_MS },
  // Longer than most failovers, pauses of a virtual machine, and partitions that heal by themselves.
  peerSilenceMs: { kind: "number", default: 15_000 },
  clock: { kind: "clock" },
  monotonicNow: { kind: "function" },
} as const satisfies OptionTable<MemoryAdapterOptions>;

/** Returns the settings for these options. Throws `invalid_option`. */
export function parseMemoryOptions(options: MemoryAdapterOptions): MemorySettings {
  const checked = checkOptions(caller, options, TABLE);
  const { maxBytes, peers, clock } = checked;
  const maxRecordBytes = checked.maxRecordBytes ?? Math.min(DEFAULT_MAX_RECORD_BYTES, maxBytes);
  if (peers !== undefined) checkFitsMessage(maxRecordBytes);
  return {
    ...checked,
    maxRecordBytes,
    monotonicNow: checked.monotonicNow ?? monotonicClockOf(clock),
  };
}

/** Throws if a record could not be sent to another node, in one message behind a full batch. */
function checkFitsMessage(maxRecordBytes: number): void {
  if (maxRecordBytes <= MAX_MOVING_RECORD_BYTES) return;
  throw invalidOption({
    caller,
    option: "maxRecordBytes",
    expected: `at most ${MAX_MOVING_RECORD_BYTES} with \`peers\``,
    found: String(maxRecordBytes),
    advice: `Leave it out for the default of ${DEFAULT_MAX_RECORD_BYTES}.`,
  });
}

function isPeerNetwork(value: unknown): boolean {
  return typeof value === "object" && value !== null && "open" in value && "askOthers" in value;
}
