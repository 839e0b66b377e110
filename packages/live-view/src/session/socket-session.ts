import type { Csrf } from "./csrf.ts";
import type { PageTokens } from "./page-tokens.ts";
import type { Notices } from "../logging/notices.ts";
import {
  type RequestHead,
  type Session,
  type SessionSource,
  settleInTime,
} from "./session-source.ts";

/** What is needed to tell which session a page's socket belongs to; the server's runtime fits. */
export interface SocketSessionParts {
  readonly sessions: SessionSource;
  readonly csrf: Csrf;
  readonly tokens: Pick<PageTokens, "session">;
}

/** The session of a page: where it came from decides how the page's socket proves that it has it. */
export interface PageSession {
  readonly session: Session;
  /** No request carries it: it was made for one page, for lack of any other. */
  readonly isOfPageOnly: boolean;
}

/**
 * Issues the token that a page presents when it opens its socket. A session that stands for somebody
 * is proven by its cookie, so the token only proves that the page belongs to it. An anonymous one is
 * in the token itself: it is worth no more than the page.
 */
export function issueSocketToken(
  { sessions, csrf, tokens }: SocketSessionParts,
  { session, isOfPageOnly }: PageSession,
): string {
  const isCarried = isOfPageOnly || sessions.isAnonymous?.(session) === true;
  return isCarried ? tokens.session.sign({ id: session.id }) : csrf.issue(session.id);
}

/** Why a socket has no session. */
export type SessionFailure = "no_token" | "no_session" | "foreign_token";

/** The session that a socket gets; without one, why. */
export type SocketSession =
  | {
      readonly session: Session;
      /** The request had none: the page's cookie did not come back. */
      readonly isCookieMissing: boolean;
    }
  | { readonly session: undefined; readonly reason: SessionFailure };

/**
 * Finds the session of a page's socket: that of the request if the page's token belongs to it, or
 * the anonymous one that the token carries, unless the request comes from somebody who has logged in
 * since: then the page is to be loaded anew.
 */
export async function readSocketSession(
  { sessions, csrf, tokens, notices }: SocketSessionParts & { readonly notices: Notices },
  request: RequestHead,
  token: string | undefined,
): Promise<SocketSession> {
  const found = await settleInTime(sessions.read(request), notices);
  if (found !== undefined && csrf.verify(token, found.id)) {
    return { session: found, isCookieMissing: false };
  }
  const carried = tokens.session.verify(token);
  if (carried.ok) {
    const { id } = carried.value;
    if (found === undefined) return { session: { id }, isCookieMissing: true };
    if (found.id === id) return { session: found, isCookieMissing: false };
    if (sessions.isAnonymous?.(found) === true) return { session: { id }, isCookieMissing: false };
  }
  const isTokenGiven = token !== undefined && token !== "";
  if (!isTokenGiven) return { session: undefined, reason: "no_token" };
  return { session: undefined, reason: found === undefined ? "no_session" : "foreign_token" };
}
