import {
  checkClock,
  checkOptionNames,
  describeFound,
  invalidOption,
  positiveInteger,
  timerMs,
} from "../option-checks.ts";
import type { Clock } from "../options.ts";
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
   * longer `timeoutMs`.
   */
  readonly lookupTimeoutMs?: number;
  /** Default: the system's clock. */
  readonly clock?: Clock;
}

/** What a memory adapter holds now (`entries`, `connected`, `bytes`) and has let go since its start. */
export interface MemoryFigures {
  readonly entries: number;
  /** The entries of connected views: never evicted, never expiring. */
  readonly connected: number;
  /** Memory in use, as counted against `maxBytes`: slots of records, and 256 bytes for each entry. */
  readonly bytes: number;
  readonly evicted: number;
  readonly expired: number;
  /** With `peers`: what moved between this node and others. */
  readonly peers?: PeerFigures;
}

export interface MemorySettings {
  readonly maxBytes: number;
  readonly maxRecordBytes: number;
  readonly sweepIntervalMs: number;
  readonly peers: PeerNetwork | undefined;
  readonly lookupTimeoutMs: number;
  readonly clock: Clock;
}

/** What a store of one process has to know. */
export type MemoryStoreSettings = Omit<MemorySettings, "peers" | "lookupTimeoutMs">;

const DEFAULT_MAX_BYTES = 268_435_456;
const DEFAULT_MAX_RECORD_BYTES = 4_194_304;
const DEFAULT_SWEEP_INTERVAL_MS = 1_000;
/** Three quarters of a message between peers. */
const MAX_MOVING_RECORD_BYTES = (MAX_PEER_MESSAGE_BYTES / 4) * 3;
const DEFAULT_LOOKUP_TIMEOUT_MS = 500;

const of = "createMemoryAdapter";

const OPTIONS = [
  "maxBytes",
  "maxRecordBytes",
  "sweepIntervalMs",
  "peers",
  "lookupTimeoutMs",
  "clock",
] as const;

/** Rejects with `invalid_option`. */
export function parseMemoryOptions(options: MemoryAdapterOptions): MemorySettings {
  checkOptionNames(of, options, OPTIONS);
  checkClock(of, options.clock);
  checkPeers(options.peers);
  const maxBytes = positiveInteger(of, "maxBytes", options.maxBytes, DEFAULT_MAX_BYTES);
  const sweepIntervalMs = timerMs(
    of,
    "sweepIntervalMs",
    options.sweepIntervalMs,
    DEFAULT_SWEEP_INTERVAL_MS,
  );
  const maxRecordBytes = positiveInteger(
    of,
    "maxRecordBytes",
    options.maxRecordBytes,
    Math.min(DEFAULT_MAX_RECORD_BYTES, maxBytes),
  );
  if (options.peers !== undefined) checkFitsMessage(maxRecordBytes);
  return {
    maxBytes,
    maxRecordBytes,
    sweepIntervalMs,
    peers: options.peers,
    lookupTimeoutMs: timerMs(
      of,
      "lookupTimeoutMs",
      options.lookupTimeoutMs,
      DEFAULT_LOOKUP_TIMEOUT_MS,
    ),
    clock: options.clock ?? Date,
  };
}

/** A record goes to another node in one message, and perhaps behind others. */
function checkFitsMessage(maxRecordBytes: number): void {
  if (maxRecordBytes <= MAX_MOVING_RECORD_BYTES) return;
  throw invalidOption({
    of,
    option: "maxRecordBytes",
    expected: `at most ${MAX_MOVING_RECORD_BYTES} with \`peers\``,
    found: String(maxRecordBytes),
    advice: `Leave it out for the default of ${DEFAULT_MAX_RECORD_BYTES}.`,
  });
}

function checkPeers(peers: unknown): void {
  if (peers === undefined) return;
  if (typeof peers === "object" && peers !== null && "open" in peers && "askOthers" in peers)
    return;
  throw invalidOption({
    of,
    option: "peers",
    expected: "a network of nodes",
    found: describeFound(peers),
    advice: "Make one with peersOverHttp({ … }) or peersOnThisMachine({ … }), or leave it out.",
  });
}
