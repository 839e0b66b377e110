/** Beyond any deadline, and a number that Lua and Redis still add to. */
const MAX_MS = 2 ** 52;

/** A deadline, in ms since the epoch, as an argument of a script. */
export function deadlineText(expiresAtMs: number): string {
  return String(Math.max(Math.min(Math.floor(expiresAtMs), MAX_MS), 0));
}
