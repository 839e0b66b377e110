import type { Notices } from "../logging/notices.ts";
import { settleWithin } from "../settle-within.ts";

/** The HTTP session of a page: an id of secret strength and whatever the application put there. */
export interface Session {
  readonly id: string;
  readonly [key: string]: unknown;
}

/** The part of a request that a session is read from; `IncomingMessage` fits. */
export interface RequestHead {
  readonly url?: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The connection: encrypted if it has a property `encrypted` that is `true`. */
  readonly socket?: object;
}

/** How a request reached the server, as far as the server's `trustProxy` lets it know. */
export interface RequestConnection {
  /** The browser speaks HTTPS. */
  readonly secure: boolean;
}

/**
 * Where sessions come from. Use `cookieSession()`, or bind the sessions that an application has. What
 * takes more than 10 s is answered with 503.
 */
export interface SessionSource {
  /** The session of a page load or socket upgrade, or `undefined` if there is none (any more). */
  read(request: RequestHead): Session | undefined | Promise<Session | undefined>;
  /**
   * Starts a session for a page load that has none. Without this, or if it answers `undefined`, the
   * page gets an anonymous session of its own, which it carries itself and which ends with it.
   */
  start?(
    request: RequestHead,
    connection: RequestConnection,
  ):
    | { readonly session: Session; readonly setCookie: string }
    | undefined
    | Promise<{ readonly session: Session; readonly setCookie: string } | undefined>;
  /**
   * Whether a session stands for nobody: it holds nothing but its id, and never will. The page of such
   * a session carries it (signed), so that its socket has it even if the cookie does not come back:
   * blocked in a frame, or overwritten by another tab's first visit. Left out: none does.
   */
  isAnonymous?(session: Session): boolean;
}

/** The longest that a session source may take to read or start one session, in ms. */
const SESSION_MS = 10_000;

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
  if (!isThenable(reading)) return reading;
  return settleWithin(reading, SESSION_MS, () => {
    notices.note(TOO_SLOW);
    throw new SessionTimeout(`expected a session within ${SESSION_MS} ms, and there was none`);
  });
}

/** Also of a library's own kind of promise. */
const isThenable = <T>(reading: T | PromiseLike<T>): reading is PromiseLike<T> =>
  typeof reading === "object" && reading !== null && "then" in reading;

const TOO_SLOW = {
  kind: "refused",
  reason: "session_timeout",
  message: "a page or a socket was refused with 503",
  expected: `the session source to answer within ${SESSION_MS} ms`,
  found: "no answer",
  advice: "The store of the sessions is away or too slow. Clients try again by themselves.",
} as const;
