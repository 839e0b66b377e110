import type { RefusedEvent } from "./event-handler.ts";

/**
 * Remembers the pages whose socket was closed because a frame was too large to be answered. When such a
 * page joins again, its view notifies the user.
 */
export interface RejectedFrames {
  note(sessionId: string, topic: string): void;
  /** Returns the event for the page's view, once. */
  take(sessionId: string, topic: string): RefusedEvent | undefined;
}

/** Most pages that are remembered, which bounds the memory; the oldest is dropped for a new one. */
const MAX_PAGES = 1000;

/** Creates an empty memory, which gives `event` to each page's view. */
export function createRejectedFrames(event: RefusedEvent): RejectedFrames {
  const pages = new Set<string>();
  const keyOf = (sessionId: string, topic: string): string => `${sessionId}\n${topic}`;
  return {
    note(sessionId, topic) {
      for (const oldest of pages) {
        if (pages.size < MAX_PAGES) break;
        pages.delete(oldest);
      }
      pages.add(keyOf(sessionId, topic));
    },
    take(sessionId, topic) {
      const isRejected = pages.size > 0 && pages.delete(keyOf(sessionId, topic));
      return isRejected ? event : undefined;
    },
  };
}
