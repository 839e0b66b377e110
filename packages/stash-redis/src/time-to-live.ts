/**
 * The time to live that lets a stash go at its deadline, in ms, as Redis takes it; "0" if that is
 * over. Relative, so that the clocks of nodes and Redis need not agree.
 *
 * Redis still shows a key in the very millisecond in which its time ends, so it gets one less.
 */
export function timeToLive(expiresAtMs: number, nowMs: number): string {
  const leftMs = Math.floor(expiresAtMs - nowMs) - 1;
  return String(Math.min(Math.max(leftMs, 0), Number.MAX_SAFE_INTEGER));
}
