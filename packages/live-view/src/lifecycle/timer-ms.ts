import { LiveViewError } from "../errors.ts";

/** The longest time of a timer, in ms. Node.js takes a longer one, or none, for 1 ms. */
const MAX_TIMER_MS = 2_147_483_647;

/** Checks the time that `called` was given for a timer. */
export function timerMs(called: string, ms: number): number {
  if (ms >= 0 && ms <= MAX_TIMER_MS) return ms;
  throw new LiveViewError(
    "invalid_value",
    `${called}: expected a time from 0 to ${MAX_TIMER_MS} ms, found ${String(ms)}.`,
  );
}
