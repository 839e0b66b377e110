import { LiveViewError } from "./errors.ts";

/**
 * What one client may cost. Exceeding a limit closes that client's socket with the code and reason
 * given here; other sockets do not notice. The official client reconnects after each of them.
 */
export interface Limits {
  /** Largest frame in bytes; larger ones close with 1009. Default 2 MiB: it bounds a held stash too. */
  readonly maxFrameBytes: number;
  /** Views joined on one socket at a time; one more is refused with `too_many_views`. Default 100. */
  readonly maxViewsPerSocket: number;
  /** Joins on one socket within a minute; one more closes with 1008 `too_many_joins`. Default 240. */
  readonly maxJoinsPerMinute: number;
  /** Events waiting for one view; one more closes with 1008 `mailbox_full`. Default 500. */
  readonly maxMailboxLength: number;
  /** Bytes that a client has not read yet; beyond, it is closed with 1013 `slow_client`. Default 4 MiB. */
  readonly maxBufferedBytes: number;
  /**
   * Silence after which a socket is closed with 1001 `idle_timeout`, in ms. The official client sends
   * a heartbeat every 30 s. Default 75 s.
   */
  readonly idleTimeoutMs: number;
  /** Request headers in bytes, for `listen()`; larger ones are answered with HTTP 431. Default 16 KiB. */
  readonly maxHeaderBytes: number;
  /** Crashes of one view in one HTTP session within a minute, after which joins wait. Default 5. */
  readonly maxCrashesPerMinute: number;
}

export const DEFAULT_LIMITS: Limits = {
  maxFrameBytes: 2 * 1024 * 1024,
  maxViewsPerSocket: 100,
  maxJoinsPerMinute: 240,
  maxMailboxLength: 500,
  maxBufferedBytes: 4 * 1024 * 1024,
  idleTimeoutMs: 75_000,
  maxHeaderBytes: 16 * 1024,
  maxCrashesPerMinute: 5,
};

export function resolveLimits(given: Partial<Limits> | undefined): Limits {
  const limits = { ...DEFAULT_LIMITS, ...given };
  for (const [name, value] of Object.entries(limits)) {
    if (!(name in DEFAULT_LIMITS) || !Number.isInteger(value) || value <= 0) {
      throw new LiveViewError(
        "invalid_option",
        `createLiveServer: expected \`limits.${name}\` to be one of ` +
          `${Object.keys(DEFAULT_LIMITS).join(", ")} and a whole number above 0, found ${String(value)}.`,
      );
    }
  }
  return limits;
}
