import type { RefusedEvent } from "./event-handler.ts";

/**
 * Remembers the pages whose socket was closed for a frame that is too large to be answered, until they
 * join again: then their views tell the person.
 */
export interface CutFrames {
  note(sessionId: string, topic: string): void;
  take(sessionId: string, topic: string): RefusedEvent | undefined;
}

/** Bounds the memory; beyond it the oldest makes room. */
const MAX_ENTRIES = 1000;

/** Creates the memory of cut frames: `cutEvent` is the event that each of their views is handed. */
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
