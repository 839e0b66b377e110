import { randomBytes } from "node:crypto";
import { LiveViewError } from "../errors.ts";
import type { Logger } from "../logger.ts";

/** Shortest secret that is accepted, in characters. */
export const MIN_SECRET_LENGTH = 32;

/**
 * The secrets that sign everything this server hands out: the option, or the environment variable
 * `LIVE_VIEW_SECRET` (several separated by commas, the newest first). Without one, production
 * refuses to start; elsewhere a random one is made, and open pages reload after a restart.
 */
export function resolveSecrets(
  option: string | readonly string[] | undefined,
  environment: NodeJS.ProcessEnv,
  logger: Logger,
): readonly string[] {
  const given = option ?? environment.LIVE_VIEW_SECRET?.split(",");
  const secrets = (typeof given === "string" ? [given] : (given ?? [])).map((text) => text.trim());
  if (secrets.length === 0) {
    if (environment.NODE_ENV === "production") {
      throw new LiveViewError(
        "missing_secret",
        "createLiveServer: expected a secret in production, found none. " +
          "Set LIVE_VIEW_SECRET, or pass `secret`, to at least 32 random characters.",
      );
    }
    logger.warn(
      "createLiveServer: no LIVE_VIEW_SECRET is set, using a random one: open pages will reload after a restart.",
    );
    return [randomBytes(32).toString("base64url")];
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
