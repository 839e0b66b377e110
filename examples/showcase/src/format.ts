const MINUTE_MS = 60_000;

/** Formats a duration in ms as short as possible: `0.4 s`, `12 s`, `5 min`. */
export function formatDuration(durationMs: number): string {
  if (durationMs >= 2 * MINUTE_MS) return `${Math.round(durationMs / MINUTE_MS)} min`;
  const seconds = durationMs / 1000;
  return `${seconds < 10 ? Math.round(seconds * 10) / 10 : Math.round(seconds)} s`;
}

/** Formats the server's time of day, to the second. */
export function formatTime(atMs: number): string {
  return new Date(atMs).toLocaleTimeString("en-GB");
}

/** Formats a number with thousands separators. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-GB");
}
