import type { Limits } from "../limits.ts";
import type { Notice } from "../logging/notices.ts";

type Words = readonly [expected: string, found: string, advice: string];

/** Reasons with which sockets are closed, and what an operator can do. Those with figures note themselves. */
const WORDS: Readonly<Record<string, (limits: Limits) => Words>> = {
  bad_frame: () => [
    "Phoenix frames, as the official client sends them",
    "another text or broken framing",
    "Another client, or a scanner, speaks to this socket.",
  ],
  binary_unsupported: () => [
    "text frames",
    "a binary one",
    "Uploads over the socket are not supported: send files by a form of the application's.",
  ],
  too_many_joins: ({ maxJoinsPerMinute }) => [
    `at most ${maxJoinsPerMinute} joins a minute`,
    "more",
    "Pages that join again and again have a view that crashes. Raise limits.maxJoinsPerMinute if not.",
  ],
  mailbox_full: ({ maxMailboxLength }) => [
    `at most ${maxMailboxLength} events of the client to wait for one view`,
    "more",
    "Have handlers answer faster, add phx-debounce or phx-throttle, or raise limits.maxMailboxLength.",
  ],
  idle_timeout: ({ idleTimeoutMs }) => [
    `a sign of life every ${idleTimeoutMs} ms`,
    "silence",
    "Clients that sleep or lost their network are silent: nothing to do, unless there are many.",
  ],
  no_session: () => [
    "a socket with a session and a CSRF token",
    "one without, whose time is over",
    "If these are your pages: see whether their cookie comes back, and whether params has _csrf_token.",
  ],
  frame_too_large: ({ maxFrameBytes }) => [
    `a frame of at most ${maxFrameBytes} bytes`,
    "a larger one that nobody could answer",
    "Send less, or raise limits.maxFrameBytes.",
  ],
};

/** The notice for a closed socket, if the reason is one for the log. */
export function closeNotice(code: number, reason: string, limits: Limits): Notice | undefined {
  const words = WORDS[reason]?.(limits);
  if (words === undefined) return undefined;
  const [expected, found, advice] = words;
  const message = `a socket was closed with ${code} ${reason}`;
  return { kind: "closed", reason, message, expected, found, advice };
}
