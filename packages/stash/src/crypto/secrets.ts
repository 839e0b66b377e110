import { developmentSecret } from "./development-secret.ts";
import { StashError } from "../errors.ts";
import { describeFound, invalidOption } from "../option-checks.ts";

/** The secrets of an application: the newest writes, all read. */
export type Secrets = readonly [newest: string, ...older: string[]];

const SECRET_VARIABLE = "LIVE_STASH_SECRET";
const MIN_SECRET_CHARACTERS = 32;

/** The secret of development, found or generated once per process. */
let generated: string | undefined;

/**
 * Returns the secrets of the option `secret`, or of the environment variable. In development, without
 * either, returns a random secret that is kept for this project.
 * Throws a `StashError` with `missing_secret` in production, and with `invalid_option` for a weak secret.
 */
export function findSecrets(
  option: unknown,
  { of = "liveStash", env = process.env }: { of?: string; env?: NodeJS.ProcessEnv } = {},
): Secrets {
  if (option !== undefined) {
    return parseSecrets(Array.isArray(option) ? option : [option], of, "secret");
  }
  const variable = env[SECRET_VARIABLE];
  if (variable !== undefined && variable.trim() !== "") {
    const parts = variable.split(",").map((part) => part.trim());
    return parseSecrets(parts, of, SECRET_VARIABLE);
  }
  if (env["NODE_ENV"] === "production") {
    throw new StashError(
      "missing_secret",
      `${of}() signs and encrypts with a secret: expected the option \`secret\` or the environment ` +
        `variable ${SECRET_VARIABLE} in production, found neither. Set ${SECRET_VARIABLE} to at ` +
        `least ${MIN_SECRET_CHARACTERS} random characters, the same on every node.`,
    );
  }
  return [(generated ??= findOrGenerate(env))];
}

function parseSecrets(values: readonly unknown[], of: string, source: string): Secrets {
  const isStrong = (value: unknown): value is string =>
    typeof value === "string" && value.length >= MIN_SECRET_CHARACTERS;
  const [newest, ...older] = values.filter(isStrong);
  if (newest !== undefined && older.length + 1 === values.length) return [newest, ...older];
  const weak = values.find((value) => !isStrong(value));
  // Without the value, because even a number may be a secret.
  const kind = typeof weak === "object" ? describeFound(weak) : `one of the type ${typeof weak}`;
  throw invalidOption({
    caller: of,
    option: source,
    expected: `secrets of at least ${MIN_SECRET_CHARACTERS} characters`,
    found: typeof weak === "string" ? `one of ${weak.length} characters` : kind,
    advice: "Use random secrets, the newest first.",
  });
}

/** Finds or generates the secret of development and logs where it is kept. */
function findOrGenerate(env: NodeJS.ProcessEnv): string {
  const made = developmentSecret("stash", env);
  const fate =
    "keptIn" in made
      ? `kept in ${made.keptIn}, so that stashes stay good over a restart`
      : `which is not kept, as ${made.notKeptBecause}: stashes will not survive a restart of this process`;
  console.warn(
    `live-stash: ${SECRET_VARIABLE} is not set; development uses a secret of its own, ${fate}. ` +
      `Set ${SECRET_VARIABLE} in production, which does not start without.`,
  );
  return made.secret;
}
