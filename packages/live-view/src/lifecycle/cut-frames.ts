import type { RefusedEvent } from "./event-handler.ts";

/**
 * Remembers the pages whose socket was closed because a frame was too large to be answered. When such a
 * page joins again, its view notifies the user.
 */
export interface CutFrames {
  note(sessionId: string, topic: string): void;
  take(sessionId: string, topic: string): RefusedEvent | undefined;
}

/** Bounds the memory; beyond it, the oldest page is forgotten. */
const MAX_ENTRIES = 1000;

/** Creates the memory of cut frames. Every view that takes a frame from it receives `cutEvent`. */
export function createCutFrames(cutEvent: RefusedEvent): CutFrames {
  const pages = new Set<string>();
  const keyOf = (sessionId: string, topic: string): string => `${sessionId}\n${topic}`;
  return {
    note(sessionId, topic) {
      for (const oldest of pages) {
        if (pages.size < MAX_ENTRIES) break;
        pages.delete(oldest);
      }
      pages.add(keyOf(sessionId, topic));
    },
    take(sessionId, topic) {
      if (pages.size === 0 || !pages.delete(keyOf(sessionId, topic))) return undefined;
      return cutEvent;
    },
  };
}
