import type { CrashGuard } from "./lifecycle/crash-guard.ts";
import type { RejectedFrames } from "./lifecycle/rejected-frames.ts";
import type { Limits } from "./limits.ts";
import type { Logger } from "./logging/logger.ts";
import type { Notices } from "./logging/notices.ts";
import type { Router } from "./routing/router.ts";
import type { RootLayout } from "./routing/routes.ts";
import type { Csrf } from "./session/csrf.ts";
import type { PageTokens } from "./session/page-tokens.ts";
import type { SessionSource } from "./session/session-source.ts";

/** The parts that all pages and sockets of one server share. */
export interface Runtime {
  readonly router: Router;
  readonly rootLayout: RootLayout;
  readonly defaultTitle: string;
  readonly tokens: PageTokens;
  readonly csrf: Csrf;
  readonly sessions: SessionSource;
  /** Whether a page of this origin may open a socket at this host. */
  readonly isOriginAllowed: (origin: string | undefined, host: string) => boolean;
  readonly trustProxy: boolean;
  readonly limits: Limits;
  readonly crashGuard: CrashGuard;
  readonly rejectedFrames: RejectedFrames;
  /** Never throws, even if the application's logger does. */
  readonly logger: Logger;
  /** Reports clients that the server refused or disconnected. */
  readonly notices: Notices;
  /** A monotonic clock in ms, for durations: changes of the system's clock do not affect it. */
  readonly monotonicNow: () => number;
}
