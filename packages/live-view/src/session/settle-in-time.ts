import type { Notices } from "../notices.ts";

/** The longest that a session source may take to read or start one session, in ms. */
export const SESSION_MS = 10_000;

/** A session source did not answer in time, which a notice has said. */
export class SessionTimeout extends Error {
  override readonly name = "SessionTimeout";
}

/**
 * Waits for a session source, which may ask a store that is away: what waits for it holds a connection.
 * @throws SessionTimeout after `SESSION_MS`.
 */
export function settleInTime<T>(reading: T | Promise<T>, notices: Notices): T | Promise<T> {
  // Sources such as signed cookies answer at once, and cost no timer.
  return isThenable(reading) ? raceWithTime(reading, notices) : reading;
}

/** Also of a library's own kind of promise. */
const isThenable = <T>(reading: T | PromiseLike<T>): reading is PromiseLike<T> =>
  typeof reading === "object" && reading !== null && "then" in reading;

async function raceWithTime<T>(reading: PromiseLike<T>, notices: Notices): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      notices.note(TOO_SLOW);
      reject(new SessionTimeout(`expected a session within ${SESSION_MS} ms, and there was none`));
    }, SESSION_MS);
  });
  try {
    return await Promise.race([reading, over]);
  } finally {
    clearTimeout(timer);
  }
}

const TOO_SLOW = {
  kind: "refused",
  reason: "session_timeout",
  message: "a page or a socket was refused with 503",
  expected: `the session source to answer within ${SESSION_MS} ms`,
  found: "no answer",
  advice: "The store of the sessions is away or too slow. Clients try again by themselves.",
} as const;
