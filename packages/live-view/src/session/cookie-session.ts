import { randomBytes } from "node:crypto";
import { parse, serialize } from "cookie";
import { LiveViewError } from "../errors.ts";
import { resolveSecrets } from "./secrets.ts";
import { createSigner } from "./signer.ts";
import type { RequestHead, Session, SessionSource } from "./session-source.ts";

export interface CookieSessionOptions {
  /**
   * Signs the cookie; several for rotation, the newest first. Default: as for `createLiveServer`, the
   * environment variable `LIVE_VIEW_SECRET`.
   */
  readonly secrets?: readonly string[];
  /** Default `_live_view_session`. */
  readonly cookieName?: string;
  /** Lifetime of the cookie and of its signature. Default 14 days. */
  readonly maxAgeMs?: number;
  /** Send the cookie over HTTPS only. Default: in production. */
  readonly secure?: boolean;
  readonly now?: () => number;
}

/** A session source whose data lives in a signed (not encrypted) cookie. */
export interface CookieSession extends SessionSource {
  /** The `Set-Cookie` value that replaces the session's data, such as after a login. The id is new. */
  renew(data: Readonly<Record<string, unknown>>): {
    readonly session: Session;
    readonly setCookie: string;
  };
  start(request: RequestHead): { readonly session: Session; readonly setCookie: string };
}

/** Browsers drop larger cookies. */
const MAX_COOKIE_LENGTH = 4096;

export const cookieHeader = (request: RequestHead): string => {
  const header = request.headers.cookie;
  return typeof header === "string" ? header : "";
};

export function cookieSession(options: CookieSessionOptions = {}): CookieSession {
  const cookieName = options.cookieName ?? "_live_view_session";
  const maxAgeMs = options.maxAgeMs ?? 14 * 86_400_000;
  const secure = options.secure ?? process.env.NODE_ENV === "production";
  const signer = createSigner<Session>({
    secrets: resolveSecrets(options.secrets, process.env, console),
    purpose: "cookie session",
    maxAgeMs,
    now: options.now ?? Date.now,
  });

  const renew: CookieSession["renew"] = (data) => {
    const session: Session = { ...data, id: randomBytes(18).toString("base64url") };
    const value = signer.sign(session);
    if (value.length > MAX_COOKIE_LENGTH - 256) {
      throw new LiveViewError(
        "invalid_option",
        `cookieSession: expected session data that fits a cookie of ${MAX_COOKIE_LENGTH} bytes, ` +
          `found ${value.length}. Keep an id there and the data in a store.`,
      );
    }
    const setCookie = serialize(cookieName, value, {
      httpOnly: true,
      sameSite: "lax",
      path: "/",
      secure,
      maxAge: Math.floor(maxAgeMs / 1000),
    });
    return { session, setCookie };
  };

  return {
    read(request) {
      const verified = signer.verify(parse(cookieHeader(request))[cookieName]);
      return verified.ok ? verified.value : undefined;
    },
    start: () => renew({}),
    renew,
  };
}
