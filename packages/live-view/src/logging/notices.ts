import { channel } from "node:diagnostics_channel";
import { boundedText } from "../message-text.ts";
import type { Logger } from "./logger.ts";

/** The `node:diagnostics_channel` channels on which the runtime publishes each `Notice`. */
export const NOTICE_CHANNELS = {
  /** The server refused an upgrade or a join. */
  refused: "live-view:refused",
  /** The server closed a socket: because of a limit, or a malformed frame. */
  closed: "live-view:closed",
  /** A frame was large, or was answered without being handled. */
  frame: "live-view:frame",
} as const;

/** An action of the runtime against a client, with advice for the operator. */
export interface Notice {
  readonly kind: keyof typeof NOTICE_CHANNELS;
  /** One of a fixed set, such as `slow_client`: the log has at most one line a minute for each. */
  readonly reason: string;
  /** Completes "live-view: ", such as `a socket was closed with 1013 slow_client`. */
  readonly message: string;
  readonly expected: string;
  readonly found: string;
  readonly advice: string;
  /** Marks normal operation, such as a refusal while the server drains: it is published, but not logged. */
  readonly isRoutine?: true;
}

/** Reports refusals and closed sockets: an event for each, but few lines in the log. */
export interface Notices {
  /**
   * Publishes the notice, and logs it as a warning unless one of its kind and reason was logged within
   * the last minute; the next line counts those left out. A routine notice is only published.
   */
  note(notice: Notice): void;
}

const MINUTE_MS = 60_000;
/** Most reasons with lines of their own. Reasons are a fixed set; this bounds memory and log if they grow. */
const MAX_REASONS = 200;

const channels = {
  refused: channel(NOTICE_CHANNELS.refused),
  closed: channel(NOTICE_CHANNELS.closed),
  frame: channel(NOTICE_CHANNELS.frame),
};

/** Creates the notices of one server. */
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
