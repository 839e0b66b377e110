import { checkClock, checkOptionNames, positiveInteger, timerMs } from "../option-checks.ts";
import type { Clock } from "../options.ts";

/** How much memory stashes may take, and when what has expired is let go. */
export interface MemoryAdapterOptions {
  /**
   * The memory for all stashes, in bytes. Default 268,435,456 (256 MiB). When it is used up, the
   * stashes that were disconnected first are evicted; those of connected views never are, a save
   * then fails with `adapter_full`.
   */
  readonly maxBytes?: number;
  /** The largest record, in bytes. Default 4,194,304, or `maxBytes` if that is less. */
  readonly maxRecordBytes?: number;
  /** How often expired stashes are let go, in ms. Default 1,000. They are unreadable at once. */
  readonly sweepIntervalMs?: number;
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
}

export interface MemorySettings {
  readonly maxBytes: number;
  readonly maxRecordBytes: number;
  readonly sweepIntervalMs: number;
  readonly clock: Clock;
}

const DEFAULT_MAX_BYTES = 268_435_456;
const DEFAULT_MAX_RECORD_BYTES = 4_194_304;
const DEFAULT_SWEEP_INTERVAL_MS = 1_000;
const of = "createMemoryAdapter";

/** Rejects with `invalid_option`. */
export function parseMemoryOptions(options: MemoryAdapterOptions): MemorySettings {
  checkOptionNames(of, options, ["maxBytes", "maxRecordBytes", "sweepIntervalMs", "clock"]);
  checkClock(of, options.clock);
  const maxBytes = positiveInteger(of, "maxBytes", options.maxBytes, DEFAULT_MAX_BYTES);
  const sweepIntervalMs = timerMs(
    of,
    "sweepIntervalMs",
    options.sweepIntervalMs,
    DEFAULT_SWEEP_INTERVAL_MS,
  );
  return {
    maxBytes,
    maxRecordBytes: positiveInteger(
      of,
      "maxRecordBytes",
      options.maxRecordBytes,
      Math.min(DEFAULT_MAX_RECORD_BYTES, maxBytes),
    ),
    sweepIntervalMs,
    clock: options.clock ?? Date,
  };
}
