import type { Notices } from "../logging/notices.ts";
import { settleWithin } from "../settle-within.ts";

/** The HTTP session of a page: an unguessable id, and the data of the application. */
export interface Session {
  readonly id: string;
  readonly [key: string]: unknown;
}

/** The part of a request from which a session is read. `IncomingMessage` fits. */
export interface RequestHead {
  readonly url?: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The connection, which is encrypted if its property `encrypted` is `true`. */
  readonly socket?: object;
}

/** The connection of the browser, as far as `trustProxy` lets the server know it. */
export interface RequestConnection {
  /** Whether the browser uses HTTPS. */
  readonly secure: boolean;
}

/**
 * The source of sessions. Use `cookieSession()`, or connect the existing sessions of an application. A
 * request whose session takes more than 10 s is answered with 503.
 */
export interface SessionSource {
  /** Returns the session of a page load or socket upgrade, or `undefined` if there is none. */
  read(request: RequestHead): Session | undefined | Promise<Session | undefined>;
  /**
   * Starts a session for a page load that has none. Without this method, or if it returns `undefined`,
   * the page gets an anonymous session of its own, which is stored in the page and ends with it.
   */
  start?(
    request: RequestHead,
    connection: RequestConnection,
  ):
    | { readonly session: Session; readonly setCookie: string }
    | undefined
    | Promise<{ readonly session: Session; readonly setCookie: string } | undefined>;
  /**
   * Whether a session identifies no one: it has nothing but its id, and never will. Its page contains
   * the signed session, so that the socket has a session even if the cookie is missing: blocked in a
   * frame, or overwritten by the first visit of another tab. Default: no session is anonymous.
   */
  isAnonymous?(session: Session): boolean;
}

/** The longest time to read or start a session, in ms: below the 60 s of proxies such as nginx. */
const SESSION_MS = 10_000;

/** The error for a session source that did not answer in time. A notice has reported it already. */
export class SessionTimeout extends Error {
  override readonly name = "SessionTimeout";
}

/**
 * Waits for a session source, but not without limit: its store may be unavailable, and the request
 * holds a connection meanwhile.
 * @throws SessionTimeout after `SESSION_MS`.
 */
export function awaitSession<T>(reading: T | Promise<T>, notices: Notices): T | Promise<T> {
  // A source such as a signed cookie returns at once, and needs no timer.
  if (!isThenable(reading)) return reading;
  return settleWithin(reading, SESSION_MS, () => {
    notices.note(TOO_SLOW);
    throw new SessionTimeout(`expected a session within ${SESSION_MS} ms, found none`);
  });
}

/** Whether the value is a promise, of any library. */
const isThenable = <T>(reading: T | PromiseLike<T>): reading is PromiseLike<T> =>
  typeof reading === "object" && reading !== null && "then" in reading;

const TOO_SLOW = {
  kind: "refused",
  reason: "session_timeout",
  message: "a page or a socket was refused with 503",
  expected: `the session source to answer within ${SESSION_MS} ms`,
  found: "no answer",
  advice:
    "Check the store of the sessions: it is unavailable or too slow. Clients retry by themselves.",
} as const;
