import { developmentSecret } from "./development-secret.ts";
import { StashError } from "../errors.ts";
import { describeFound, invalidOption } from "../option-checks.ts";

/** The secrets of an application: the newest writes, all read. */
export type Secrets = readonly [newest: string, ...older: string[]];

const SECRET_VARIABLE = "LIVE_STASH_SECRET";
const MIN_SECRET_CHARACTERS = 32;

let madeUp: string | undefined;

/**
 * The secrets of the option `secret`, or, without it, of the environment; in development, without
 * either, one that was made up for this project.
 * Rejects with `missing_secret` in production, with `invalid_option` for a weak one.
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
      `${of}() protects what it hands out: expected the option \`secret\` or the environment ` +
        `variable ${SECRET_VARIABLE} in production, found neither. Set ${SECRET_VARIABLE} to at ` +
        `least ${MIN_SECRET_CHARACTERS} random characters, the same on every node.`,
    );
  }
  return [(madeUp ??= makeUp(env))];
}

function parseSecrets(values: readonly unknown[], of: string, source: string): Secrets {
  const isStrong = (value: unknown): value is string =>
    typeof value === "string" && value.length >= MIN_SECRET_CHARACTERS;
  const [newest, ...older] = values.filter(isStrong);
  if (newest !== undefined && older.length + 1 === values.length) return [newest, ...older];
  const weak = values.find((value) => !isStrong(value));
  // Not its value, even if it is of a type of which messages show values.
  const kind = typeof weak === "object" ? describeFound(weak) : `one of the type ${typeof weak}`;
  throw invalidOption({
    caller: of,
    option: source,
    expected: `secrets of at least ${MIN_SECRET_CHARACTERS} characters`,
    found: typeof weak === "string" ? `one of ${weak.length} characters` : kind,
    advice: "Make each of them up at random; put the newest first.",
  });
}

/** Makes a secret up for development and says so, once per process. */
function makeUp(env: NodeJS.ProcessEnv): string {
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
