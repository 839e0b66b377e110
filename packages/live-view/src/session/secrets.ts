import { LiveViewError } from "../errors.ts";
import type { Logger } from "../logging/logger.ts";
import { developmentSecret } from "./development-secret.ts";

/** The shortest accepted secret, in characters: 32 random base64 characters have 192 bits. */
export const MIN_SECRET_LENGTH = 32;

/** Kept for the process, because a secret that cannot be stored would differ from call to call. */
let generated: string | undefined;

/**
 * Returns the secrets that sign all cookies and tokens of a server: those of the option, or of the
 * environment variable `LIVE_VIEW_SECRET` (separated by commas, the newest first). Without a secret,
 * production does not start. Development generates one for the project and stores it, so that open
 * pages survive a restart.
 */
export function resolveSecrets(
  option: string | readonly string[] | undefined,
  environment: NodeJS.ProcessEnv,
  logger: Logger,
): readonly string[] {
  const variable = environment.LIVE_VIEW_SECRET?.trim();
  const given = option ?? (variable === "" ? undefined : variable?.split(","));
  const secrets = (typeof given === "string" ? [given] : (given ?? [])).map((text) => text.trim());
  if (secrets.length === 0) {
    if (environment.NODE_ENV === "production") {
      throw new LiveViewError(
        "missing_secret",
        'createLiveServer(): missing option "secret": expected a secret in production, got none. ' +
          "Set LIVE_VIEW_SECRET, or pass `secret`, with at least 32 random characters.",
      );
    }
    return [(generated ??= generate(environment, logger))];
  }
  const short = secrets.find((text) => text.length < MIN_SECRET_LENGTH);
  if (short !== undefined) {
    throw new LiveViewError(
      "invalid_option",
      `createLiveServer(): invalid option "secret": expected at least ${MIN_SECRET_LENGTH} characters ` +
        `in each secret, got one of ${short.length}. Generate one with: openssl rand -base64 48`,
    );
  }
  return secrets;
}

/** Generates or finds the development secret, and logs one line about it. */
function generate(environment: NodeJS.ProcessEnv, logger: Logger): string {
  const development = developmentSecret("live-view", environment);
  const fate =
    "keptIn" in development
      ? `kept in ${development.keptIn}, so that open pages survive a restart`
      : `which is not kept, as ${development.notKeptBecause}: open pages will reload after a restart`;
  logger.warn(
    `createLiveServer(): LIVE_VIEW_SECRET is not set; development uses a secret of its own, ${fate}. ` +
      "Set LIVE_VIEW_SECRET in production, which does not start without.",
  );
  return development.secret;
}
