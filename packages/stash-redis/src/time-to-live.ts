/** Far beyond any TTL, and a number that Lua and Redis still add to. */
const MAX_MS = 2 ** 52;

/**
 * How long a stash has to live, in ms, as an argument of a script. Relative, so that the clocks of
 * nodes and Redis need not agree.
 */
export function timeToLive(expiresAtMs: number, nowMs: number): string {
  return String(Math.min(Math.max(expiresAtMs - nowMs, 0), MAX_MS));
}
