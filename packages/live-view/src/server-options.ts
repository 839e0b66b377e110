import type { Limits } from "./limits.ts";
import type { Logger } from "./logger.ts";
import type { LiveRoute, LiveSession, RootLayout } from "./routing/routes.ts";
import type { OriginPolicy } from "./session/origin-policy.ts";
import type { SessionSource } from "./session/session-source.ts";

/** What `createLiveServer` takes. Only `routes` is required. */
export interface LiveServerOptions {
  /** Routes, alone or grouped by `liveSession`; the first that matches a URL wins. */
  readonly routes: readonly (LiveRoute | LiveSession)[];
  /**
   * Signs sessions and tokens, at least 32 characters; several for rotation, the newest first.
   * Default: the environment variable `LIVE_VIEW_SECRET`, separated by commas. Required in production;
   * elsewhere one is made up for the project and kept in the user's state folder.
   */
  readonly secret?: string | readonly string[];
  /** The document around every view. Default: a bare one that loads `clientScript`. */
  readonly rootLayout?: RootLayout;
  /** URL of the module script that the default layout loads. Default `/assets/app.js`. */
  readonly clientScript?: string;
  /** The title of pages whose view sets none. Default `LiveView`. */
  readonly defaultTitle?: string;
  /** Where sessions come from. Default: a signed cookie, see `cookieSession`. */
  readonly sessions?: SessionSource;
  /** Which pages may open a socket. Default `"same-host"`. */
  readonly origin?: OriginPolicy;
  /**
   * Whether `X-Forwarded-Proto` and `X-Forwarded-Host`, or else `Forwarded`, tell which URL the browser
   * shows: for the first render's URL, `"same-host"`, and whether the session's cookie is `Secure`. Only
   * behind a proxy that sets them, whatever the client sent: anybody else could say anything. Default false.
   */
  readonly trustProxy?: boolean;
  /** What one client may cost; see `Limits` for defaults and close codes. */
  readonly limits?: Partial<Limits>;
  /** Where crashes are reported. Default `console`. */
  readonly logger?: Logger;
  /** The clock, in ms since the epoch, for what is signed and checked elsewhere; for tests. */
  readonly now?: () => number;
  /**
   * A clock that nobody sets, in ms since any moment, for what lasts: silence, a minute of joins or of
   * crashes; for tests. Default `performance.now`.
   */
  readonly monotonicNow?: () => number;
}

export const SERVER_OPTIONS: Record<keyof LiveServerOptions, true> = {
  routes: true,
  secret: true,
  rootLayout: true,
  clientScript: true,
  defaultTitle: true,
  sessions: true,
  origin: true,
  trustProxy: true,
  limits: true,
  logger: true,
  now: true,
  monotonicNow: true,
};
