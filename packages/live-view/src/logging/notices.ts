import { channel } from "node:diagnostics_channel";
import { boundedText } from "../message-text.ts";
import type { Logger } from "./logger.ts";

/** The `node:diagnostics_channel` channels on which the runtime publishes each `Notice`. */
export const NOTICE_CHANNELS = {
  /** An upgrade or a join was refused. */
  refused: "live-view:refused",
  /** The server closed a socket: by a limit, or for a frame that is none. */
  closed: "live-view:closed",
  /** A frame was large, or was answered without being handled. */
  frame: "live-view:frame",
} as const;

/** Something that the runtime did to a client, with what an operator can do about it. */
export interface Notice {
  readonly kind: keyof typeof NOTICE_CHANNELS;
  /** One of a fixed set, such as `slow_client`: the log has one line a minute for each. */
  readonly reason: string;
  /** Completes "live-view: ", such as `a socket was closed with 1013 slow_client`. */
  readonly message: string;
  readonly expected: string;
  readonly found: string;
  readonly advice: string;
  /** Nothing is wrong, such as while the server drains: the log has no line for it. */
  readonly isRoutine?: true;
}

/** Reports refusals and closed sockets: events for all of them, few lines in the log. */
export interface Notices {
  /**
   * Publishes the notice, and logs it as a warning unless one of its kind and reason was logged within
   * the last minute; the next line then says how many were not. A routine one is published only.
   */
  note(notice: Notice): void;
}

const MINUTE_MS = 60_000;
/** Reasons are a fixed set. Should a caller ever make them up, they share one line beyond this many. */
const MAX_REASONS = 200;

const channels = {
  refused: channel(NOTICE_CHANNELS.refused),
  closed: channel(NOTICE_CHANNELS.closed),
  frame: channel(NOTICE_CHANNELS.frame),
};

export function createNotices(logger: Logger, monotonicNow: () => number): Notices {
  const logged = new Map<string, { atMs: number; suppressed: number }>();
  return {
    note(notice) {
      if (channels[notice.kind].hasSubscribers) channels[notice.kind].publish(notice);
      if (notice.isRoutine === true) return;
      const own = `${notice.kind} ${notice.reason}`;
      const key = logged.has(own) || logged.size < MAX_REASONS ? own : "others";
      const last = logged.get(key);
      const nowMs = monotonicNow();
      if (last !== undefined && nowMs - last.atMs < MINUTE_MS) {
        last.suppressed += 1;
        return;
      }
      logged.set(key, { atMs: nowMs, suppressed: 0 });
      logger.warn(lineOf(notice, last?.suppressed ?? 0));
    },
  };
}

function lineOf({ message, expected, found, advice }: Notice, suppressed: number): string {
  const more = suppressed === 0 ? "" : ` (${suppressed} more like it since the last line)`;
  return boundedText(
    `live-view: ${message}: expected ${expected}, found ${found}. ${advice}${more}`,
  );
}
