import type { Notices } from "../logging/notices.ts";
import type { Csrf } from "./csrf.ts";
import type { PageTokens } from "./page-tokens.ts";
import {
  awaitSession,
  type RequestHead,
  type Session,
  type SessionSource,
} from "./session-source.ts";

/** The parts that find the session of a page's socket. The server's runtime fits. */
export interface SocketSessionParts {
  readonly sessions: SessionSource;
  readonly csrf: Csrf;
  readonly tokens: Pick<PageTokens, "session">;
}

/** The session of a page, and whether it exists for that page alone. */
export interface PageSession {
  readonly session: Session;
  /** Whether the session is in no cookie, because it was created for lack of any other. */
  readonly isOfPageOnly: boolean;
}

/**
 * Issues the token that a page sends when it opens its socket. The cookie proves the session of a known
 * visitor, so the token only proves that the page belongs to that session. An anonymous session is
 * stored in the token itself, because it is worth no more than the page.
 */
export function issueSocketToken(
  { sessions, csrf, tokens }: SocketSessionParts,
  { session, isOfPageOnly }: PageSession,
): string {
  const isCarried = isOfPageOnly || sessions.isAnonymous?.(session) === true;
  return isCarried ? tokens.session.sign({ id: session.id }) : csrf.issue(session.id);
}

/** The reason why a socket has no session. */
export type SessionFailure = "no_token" | "no_session" | "foreign_token";

/** The session of a socket, or the reason why it has none. */
export type SocketSession =
  | {
      readonly session: Session;
      /** Whether the request had no session, because the cookie of the page was missing. */
      readonly isCookieMissing: boolean;
    }
  | { readonly session: undefined; readonly reason: SessionFailure };

/**
 * Finds the session of a page's socket: the session of the request if the page's token belongs to it,
 * or else the anonymous session in the token. After the visitor has logged in, the token of an
 * anonymous page is rejected, so that the client reloads the page.
 */
export async function readSocketSession(
  { sessions, csrf, tokens, notices }: SocketSessionParts & { readonly notices: Notices },
  request: RequestHead,
  token: string | undefined,
): Promise<SocketSession> {
  const found = await awaitSession(sessions.read(request), notices);
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
