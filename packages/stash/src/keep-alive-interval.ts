import { MAX_TIMER_MS } from "./option-checks.ts";

/** How often the deadlines of connected views are moved. */
export function keepAliveIntervalMs(ttlMs: number): number {
  return Math.min(Math.ceil(ttlMs / 4), MAX_TIMER_MS);
}
