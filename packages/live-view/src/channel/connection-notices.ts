import type { Limits } from "../limits.ts";
import type { Notice } from "../logging/notices.ts";
import { quoteText } from "../message-text.ts";
import { MAX_FRAME_VALUES } from "./large-frames.ts";

type Texts = readonly [expected: string, found: string, advice: string];

/** The reasons for closing a socket that are worth a notice, except those that report figures of a socket. */
const CLOSING: Readonly<Record<string, (limits: Limits) => Texts>> = {
  bad_frame: () => [
    "Phoenix frames, as the official client sends them",
    "another text, or broken framing",
    "Another client, or a scanner, is using this socket.",
  ],
  binary_unsupported: () => [
    "text frames",
    "a binary one",
    "Uploads over the socket are not supported: send files with a form to a route of the application.",
  ],
  too_many_joins: ({ maxJoinsPerMinute }) => [
    `at most ${maxJoinsPerMinute} joins a minute`,
    "more",
    "A page that joins again and again usually has a view that crashes. Otherwise raise limits.maxJoinsPerMinute.",
  ],
  mailbox_full: ({ maxMailboxLength }) => [
    `at most ${maxMailboxLength} events of the client waiting for one view`,
    "more",
    "Make handlers faster, add phx-debounce or phx-throttle, or raise limits.maxMailboxLength.",
  ],
  idle_timeout: ({ idleTimeoutMs }) => [
    `a frame at least every ${idleTimeoutMs} ms`,
    "silence",
    "This is normal for clients that sleep or lost their network, unless there are many.",
  ],
  no_session: () => [
    "a socket with a session and a CSRF token",
    "one without, whose time is up",
    "If these are your pages: check that browsers send their cookie, and that params has _csrf_token.",
  ],
  frame_too_large: ({ maxFrameBytes }) => [
    `a frame of at most ${maxFrameBytes} bytes`,
    "a larger one that could not be answered",
    "Send less, or raise limits.maxFrameBytes.",
  ],
};

/** Creates the notice for a closed socket, or `undefined` if its reason is not worth one. */
export function closedNotice(code: number, reason: string, limits: Limits): Notice | undefined {
  const texts = CLOSING[reason]?.(limits);
  if (texts === undefined) return undefined;
  const [expected, found, advice] = texts;
  const message = `a socket was closed with ${code} ${reason}`;
  return { kind: "closed", reason, message, expected, found, advice };
}

/** Frames longer than this are handled, but reported, in UTF-16 units: a form sends itself at each change. */
export const LARGE_FRAME_LENGTH = 2 * 1024 * 1024;

/** Creates the notice for a large frame that is handled. */
export const largeFrameNotice = (length: number, eventName: string | undefined): Notice => ({
  kind: "frame",
  reason: "large_frame",
  message: `a large frame was received${eventName === undefined ? "" : `, with the event ${quoteText(eventName)}`}`,
  expected: `at most ${LARGE_FRAME_LENGTH} characters`,
  found: `${length}`,
  advice: "A form sends all of its fields at each change: add phx-debounce, or send less.",
});

/** Creates the notice for a frame that is too large to be handled. `message` has the server's answer. */
export function tooLargeNotice(message: string, bytes: number, maxFrameBytes: number): Notice {
  const hasTooManyBytes = bytes > maxFrameBytes;
  return {
    kind: "frame",
    reason: "frame_too_large",
    message,
    expected: hasTooManyBytes
      ? `a frame of at most ${maxFrameBytes} bytes`
      : `at most ${MAX_FRAME_VALUES} JSON values`,
    found: hasTooManyBytes ? `${bytes}` : "more",
    advice: hasTooManyBytes ? "Send less, or raise limits.maxFrameBytes." : "Send less at a time.",
  };
}

/** Creates the notice for a join that is refused because of the memory of its socket's joins. */
export const tooManyJoinBytesNotice = (bytes: number, maxJoinBytes: number): Notice => ({
  kind: "refused",
  reason: "too_many_join_bytes",
  message: "a join was refused with too_many_join_bytes",
  expected: `the joins of one socket to take at most ${maxJoinBytes} bytes`,
  found: `${bytes}`,
  advice:
    "Return less from the client's `params`, hold smaller states in browsers, or raise limits.maxJoinBytes.",
});
