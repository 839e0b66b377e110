import { LiveViewError } from "./errors.ts";
import { foundValue } from "./message-text.ts";

/**
 * What clients may cost. Exceeding a limit closes that client's socket with the code and reason given
 * here; other sockets do not notice. The official client reconnects after each of them. SECURITY.md
 * has what they come to together.
 */
export interface Limits {
  /**
   * Largest frame that is read, in bytes: it bounds a form, and a state that the browser holds. An event
   * up to twice as large is answered by its view's `handleTooLarge`; a larger frame closes with 1009.
   * Default 16 MiB. Sockets without a session may send 256 KiB.
   */
  readonly maxFrameBytes: number;
  /** Views joined on one socket at a time; one more is refused with `too_many_views`. Default 100. */
  readonly maxViewsPerSocket: number;
  /** Joins on one socket within a minute; one more closes with 1008 `too_many_joins`. Default 240. */
  readonly maxJoinsPerMinute: number;
  /**
   * Bytes that the joins of one socket's views may take together, in memory; one more is refused with
   * `too_many_join_bytes`. It bounds a held stash too. Default 8 MiB.
   */
  readonly maxJoinBytes: number;
  /**
   * Events of the client that wait for one view; one more closes with 1008 `mailbox_full`. The view's
   * own messages do not count. Default 500.
   */
  readonly maxMailboxLength: number;
  /**
   * Bytes of one socket's events that wait or are being handled, in memory; beyond, nothing more is read
   * of that client until its views have caught up. Default 32 MiB.
   */
  readonly maxQueuedBytes: number;
  /**
   * Bytes of answers that wait behind the one that is on its way, with 128 for each; beyond, the client
   * is closed with 1013 `slow_client`. Pages do not count: they are not rendered for a client that is
   * behind. Default 4 MiB. Sockets without a session may let 64 KiB wait.
   */
  readonly maxBufferedBytes: number;
  /**
   * The longest that a client may take nothing of what waits for it, in ms; then it is closed with 1013
   * `slow_client`. Default 30 s.
   */
  readonly stallTimeoutMs: number;
  /**
   * Silence after which a socket is closed with 1001 `idle_timeout`, in ms. The official client sends
   * a heartbeat every 30 s. Default 75 s.
   */
  readonly idleTimeoutMs: number;
  /**
   * Sockets of one server, with upgrades under way; one more is refused with HTTP 503, and a quarter of
   * them are for sockets with a session only. Default 10,000.
   */
  readonly maxSockets: number;
  /**
   * Bytes that all sockets may make the server hold beyond what an idle one takes; beyond, sockets
   * of the session that holds the most are closed with 1013 `server_busy`. Default 128 MiB.
   */
  readonly maxHeldBytes: number;
  /** Request headers in bytes, for `listen()`; larger ones are answered with HTTP 431. Default 16 KiB. */
  readonly maxHeaderBytes: number;
  /** Crashes of one view in one HTTP session within a minute, after which joins wait. Default 5. */
  readonly maxCrashesPerMinute: number;
}

/** Frames up to this multiple of `maxFrameBytes` are received and answered; larger ones close the socket. */
export const ANSWERED_FRAME_FACTOR = 2;

const MIB = 1024 * 1024;

export const DEFAULT_LIMITS: Limits = {
  maxFrameBytes: 16 * MIB,
  maxViewsPerSocket: 100,
  maxJoinsPerMinute: 240,
  maxJoinBytes: 8 * MIB,
  maxMailboxLength: 500,
  maxQueuedBytes: 32 * MIB,
  maxBufferedBytes: 4 * MIB,
  stallTimeoutMs: 30_000,
  idleTimeoutMs: 75_000,
  maxSockets: 10_000,
  maxHeldBytes: 128 * MIB,
  maxHeaderBytes: 16 * 1024,
  maxCrashesPerMinute: 5,
};

export function resolveLimits(given: Partial<Limits> | undefined): Limits {
  const limits = { ...DEFAULT_LIMITS, ...given };
  for (const [name, value] of Object.entries(limits)) {
    if (!(name in DEFAULT_LIMITS) || !Number.isSafeInteger(value) || value <= 0) {
      throw new LiveViewError(
        "invalid_option",
        `createLiveServer: expected \`limits.${name}\` to be one of ` +
          `${Object.keys(DEFAULT_LIMITS).join(", ")} and a whole number above 0, found ${foundValue(value)}.`,
      );
    }
  }
  return limits;
}
