/**
 * A view that crashes right after each join would be joined again every second, for ever, by every
 * tab that shows it. This counts crashes per view and HTTP session, and says when to stop mounting
 * for a while; the client then falls back to reloading the page, with growing pauses.
 */
export interface CrashGuard {
  note(viewName: string, sessionId: string): void;
  isTripped(viewName: string, sessionId: string): boolean;
}

const WINDOW_MS = 60_000;
/** Bounds the memory; beyond it the oldest entry makes room. */
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
