import { invalidOption } from "./errors.ts";

/**
 * Limits on the resources that a client can use. A client that exceeds one loses its socket, with the
 * close code and reason given here, unless the limit says otherwise; other sockets are not affected.
 * The official client reconnects after each of them. SECURITY.md adds up the memory that they allow.
 */
export interface Limits {
  /**
   * Largest frame that is parsed, in bytes: it bounds a form, and a state that the browser holds. An event
   * up to twice as large is passed to its view's `handleTooLarge`; a larger frame closes with 1009.
   * A socket without a session may send 256 KiB. Default 16 MiB.
   */
  readonly maxFrameBytes: number;
  /** Views joined on one socket at a time; one more is refused with `too_many_views`. Default 100. */
  readonly maxViewsPerSocket: number;
  /** Joins on one socket within a minute; one more closes with 1008 `too_many_joins`. Default 240. */
  readonly maxJoinsPerMinute: number;
  /**
   * Memory for the joins of one socket's views together, in bytes; a join beyond it is refused with
   * `too_many_join_bytes`. It also bounds a stash that the browser holds. Default 8 MiB.
   */
  readonly maxJoinBytes: number;
  /**
   * Events of the client that wait for one view; one more closes with 1008 `mailbox_full`. The view's
   * own messages do not count. Default 500.
   */
  readonly maxMailboxLength: number;
  /**
   * Memory for one socket's events that wait or are being handled, in bytes; beyond it the server stops
   * reading from that client until its views have caught up. Default 32 MiB.
   */
  readonly maxQueuedBytes: number;
  /**
   * Bytes of answers that wait behind the one being sent, plus 128 for each; beyond it the socket is
   * closed with 1013 `slow_client`. Renders do not count: the server renders nothing for a client that
   * has unread frames. A socket without a session may let 64 KiB wait. Default 4 MiB.
   */
  readonly maxBufferedBytes: number;
  /**
   * The longest time in which a client reads none of the frames that wait for it, in ms; then its socket
   * is closed with 1013 `slow_client`. Default 30 s.
   */
  readonly stallTimeoutMs: number;
  /**
   * Silence after which a socket is closed with 1001 `idle_timeout`, in ms. The official client sends
   * a heartbeat every 30 s. Default 75 s.
   */
  readonly idleTimeoutMs: number;
  /**
   * Sockets of one server, including upgrades in progress; one more is refused with HTTP 503. At most a
   * quarter of them may have no session. Default 10,000.
   */
  readonly maxSockets: number;
  /**
   * Memory that all sockets together may use beyond that of idle sockets, in bytes; beyond it sockets of
   * the session that uses the most are closed with 1013 `server_busy`. Default 128 MiB.
   */
  readonly maxHeldBytes: number;
  /** Request headers in bytes, for `listen()`; larger ones are answered with HTTP 431. Default 16 KiB. */
  readonly maxHeaderBytes: number;
  /** Crashes of one view in one HTTP session within a minute; then its joins are delayed. Default 5. */
  readonly maxCrashesPerMinute: number;
}

/**
 * Frames up to this multiple of `maxFrameBytes` are received and answered; larger ones close the socket.
 * 2, because a form that has just outgrown the limit should not cost its page the connection.
 */
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

/** Completes the limits of a server with the defaults, and checks them. */
export function resolveLimits(given: Partial<Limits> | undefined): Limits {
  const limits = { ...DEFAULT_LIMITS, ...given };
  for (const [name, value] of Object.entries(limits)) {
    if (!(name in DEFAULT_LIMITS)) {
      const expected = `limits of ${Object.keys(DEFAULT_LIMITS).join(", ")}`;
      const advice = "Remove it, or correct its name.";
      throw invalidOption("createLiveServer", "limits", expected, name, advice);
    }
    if (Number.isSafeInteger(value) && value > 0) continue;
    throw invalidOption("createLiveServer", `limits.${name}`, "a whole number above 0", value);
  }
  return limits;
}
