const MINUTE_MS = 60_000;

/** A duration in ms, as short as it can be said: `0.4 s`, `12 s`, `5 min`. */
export function formatDuration(durationMs: number): string {
  if (durationMs >= 2 * MINUTE_MS) return `${Math.round(durationMs / MINUTE_MS)} min`;
  const seconds = durationMs / 1000;
  return `${seconds < 10 ? Math.round(seconds * 10) / 10 : Math.round(seconds)} s`;
}

/** The time of day on the server, to the second. */
export function formatTime(atMs: number): string {
  return new Date(atMs).toLocaleTimeString("en-GB");
}

/** A number with thousands set apart. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-GB");
}
