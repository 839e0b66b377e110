/**
 * Counts crashes per view and HTTP session, and decides when the server stops mounting for a while.
 * Without a guard, every tab that shows a view which crashes after each join would join it again every
 * second, without end. A client whose join is refused reloads the page instead, after growing pauses.
 */
export interface CrashGuard {
  /** Counts a crash. */
  note(viewName: string, sessionId: string): void;
  /** Whether the view has crashed too often in this session within a minute. */
  isTripped(viewName: string, sessionId: string): boolean;
}

const WINDOW_MS = 60_000;
/** Bounds the memory to about 2 MB. Beyond it, the oldest entry is dropped. */
const MAX_ENTRIES = 10_000;

export function createCrashGuard(
  maxCrashesPerMinute: number,
  monotonicNow: () => number,
): CrashGuard {
  const crashes = new Map<string, { sinceMs: number; count: number }>();
  const keyOf = (viewName: string, sessionId: string): string => `${viewName}\n${sessionId}`;
  const current = (key: string): { sinceMs: number; count: number } | undefined => {
    const entry = crashes.get(key);
    if (entry === undefined || monotonicNow() - entry.sinceMs < WINDOW_MS) return entry;
    crashes.delete(key);
    return undefined;
  };
  return {
    note(viewName, sessionId) {
      const key = keyOf(viewName, sessionId);
      const entry = current(key);
      if (entry !== undefined) {
        entry.count += 1;
        return;
      }
      for (const oldest of crashes.keys()) {
        if (crashes.size < MAX_ENTRIES) break;
        crashes.delete(oldest);
      }
      crashes.set(key, { sinceMs: monotonicNow(), count: 1 });
    },
    isTripped(viewName, sessionId) {
      const entry = current(keyOf(viewName, sessionId));
      return entry !== undefined && entry.count >= maxCrashesPerMinute;
    },
  };
}
