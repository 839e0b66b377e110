import { LiveViewError } from "../errors.ts";
import type { Logger } from "../logging/logger.ts";
import { developmentSecret } from "./development-secret.ts";

/** Shortest secret that is accepted, in characters. */
export const MIN_SECRET_LENGTH = 32;

let madeUp: string | undefined;

/**
 * The secrets that sign everything this server hands out: the option, or the environment variable
 * `LIVE_VIEW_SECRET` (several separated by commas, the newest first). Without one, production
 * refuses to start; elsewhere one is made up for the project and kept, so that open pages stay good
 * over a restart.
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
        "createLiveServer: expected a secret in production, found none. " +
          "Set LIVE_VIEW_SECRET, or pass `secret`, to at least 32 random characters.",
      );
    }
    return [(madeUp ??= makeUp(environment, logger))];
  }
  const short = secrets.find((text) => text.length < MIN_SECRET_LENGTH);
  if (short !== undefined) {
    throw new LiveViewError(
      "invalid_option",
      `createLiveServer: expected each secret to have at least ${MIN_SECRET_LENGTH} characters, ` +
        `found one of ${short.length}. Make one with: openssl rand -base64 48`,
    );
  }
  return secrets;
}

/** Makes a secret up for development and says so, once per process. */
function makeUp(environment: NodeJS.ProcessEnv, logger: Logger): string {
  const made = developmentSecret("live-view", environment);
  const fate =
    "keptIn" in made
      ? `kept in ${made.keptIn}, so that open pages stay good over a restart`
      : `which is not kept, as ${made.notKeptBecause}: open pages will reload after a restart`;
  logger.warn(
    `createLiveServer: LIVE_VIEW_SECRET is not set; development uses a secret of its own, ${fate}. ` +
      "Set LIVE_VIEW_SECRET in production, which does not start without.",
  );
  return made.secret;
}
