/** The HTTP session of a page: an id of secret strength and whatever the application put there. */
export interface Session {
  readonly id: string;
  readonly [key: string]: unknown;
}

/** The part of a request that a session is read from; `IncomingMessage` fits. */
export interface RequestHead {
  readonly url?: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** Where sessions come from. Use `cookieSession()`, or bind the sessions that an application has. */
export interface SessionSource {
  /** The session of a page load or socket upgrade, or `undefined` if there is none (any more). */
  read(request: RequestHead): Session | undefined | Promise<Session | undefined>;
  /**
   * Starts a session for a page load that has none. Without this, or if it answers `undefined`, the
   * page is rendered but its socket is refused.
   */
  start?(
    request: RequestHead,
  ):
    | { readonly session: Session; readonly setCookie: string }
    | undefined
    | Promise<{ readonly session: Session; readonly setCookie: string } | undefined>;
}
