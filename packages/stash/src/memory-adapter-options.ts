import {
  type Clock,
  checkOptions,
  invalidOption,
  MAX_TIMER_MS,
  monotonicClockOf,
  type OptionTable,
} from "./option-checks.ts";
import type { MemoryStoreSettings, StoreFigures } from "./memory/memory-store.ts";
import { MAX_PEER_MESSAGE_BYTES, type PeerNetwork } from "./peers/peer-network.ts";
import type { PeerFigures } from "./peers/peered-store.ts";

/** How much memory stashes may take, and when what has expired is let go. */
export interface MemoryAdapterOptions {
  /**
   * The memory for all stashes, in bytes. Default 268,435,456 (256 MiB). When it is used up, the
   * stashes that were disconnected first are evicted; those of connected views never are, a save
   * then fails with `adapter_full`.
   */
  readonly maxBytes?: number;
  /**
   * The largest record, in bytes. Default 4,194,304, or `maxBytes` if that is less. With `peers` at most
   * 6,291,456.
   */
  readonly maxRecordBytes?: number;
  /** How often expired stashes are let go, in ms. Default 1,000. They are unreadable at once. */
  readonly sweepIntervalMs?: number;
  /**
   * The way to the other nodes of the application, as from `peersOverHttp` or `peersOnThisMachine`: a
   * stash is then found on whichever node it is, and moves to where its page is now. Default: none.
   */
  readonly peers?: PeerNetwork;
  /**
   * The longest that a stash is looked for at other nodes, in ms. Default 500. Give `liveStash()` a
   * longer `timeoutMs`. If a node that may have it did not answer by then, `load` rejects with
   * `adapter_timeout`.
   */
  readonly lookupTimeoutMs?: number;
  /**
   * How long a node is asked in vain before it is taken to be gone, with what it has, in ms. Default
   * 15,000. Until then a stash that only that node can have is not answered with `absent`. A node that
   * is killed or removed is gone at once.
   */
  readonly peerSilenceMs?: number;
  /** The clock by which the core gives deadlines. Default: the system's. */
  readonly clock?: Clock;
  /**
   * A clock in ms that nobody sets, for all that is kept: stashes live as long as they should, whatever
   * becomes of `clock`. Default: `performance.now()`, or `clock` if one is given, for tests that move it.
   */
  readonly monotonicNow?: () => number;
}

/** What a memory adapter holds now (`entries`, `connected`, `bytes`) and has let go since its start. */
export interface MemoryFigures extends StoreFigures {
  /** With `peers`: what moved between this node and others. */
  readonly peers?: PeerFigures;
}

export interface MemorySettings extends MemoryStoreSettings {
  readonly peers: PeerNetwork | undefined;
  readonly lookupTimeoutMs: number;
  readonly peerSilenceMs: number;
}

const DEFAULT_MAX_RECORD_BYTES = 4_194_304;
/** Three quarters of a message between peers. */
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
  // Longer than a failover, a pause of a machine or a partition that heals by itself usually lasts.
  peerSilenceMs: { kind: "number", default: 15_000 },
  clock: { kind: "clock" },
  monotonicNow: { kind: "function" },
} as const satisfies OptionTable<MemoryAdapterOptions>;

/** Throws a `StashError` with `invalid_option`. */
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

/** A record goes to another node in one message, and perhaps behind others. */
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
