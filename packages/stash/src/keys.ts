import { hkdfSync, randomBytes } from "node:crypto";
import { StashError } from "./errors.ts";
import { describeFound, invalidOption } from "./option-checks.ts";

/** What one secret becomes: it is never used itself, and neither part tells the other. */
export interface ReferenceKey {
  /** Names the key inside what it signed. 2 bytes. */
  readonly keyId: Buffer;
  /** Signs references. 32 bytes. */
  readonly macKey: Buffer;
}

/** The keys of an application: the newest signs, all verify. */
export type ReferenceKeys = readonly [newest: ReferenceKey, ...older: ReferenceKey[]];

const SECRET_VARIABLE = "LIVE_STASH_SECRET";
const MIN_SECRET_CHARACTERS = 32;

let processSecret: string | undefined;

/**
 * The keys for the option `secret`, or, without it, for the environment.
 * Rejects with `missing_secret` in production, with `invalid_option` for a weak one.
 */
export function deriveKeys(option: unknown, env: NodeJS.ProcessEnv = process.env): ReferenceKeys {
  const [newest, ...older] = findSecrets(option, env);
  return [deriveKey(newest), ...older.map(deriveKey)];
}

type Secrets = readonly [string, ...string[]];

function findSecrets(option: unknown, env: NodeJS.ProcessEnv): Secrets {
  if (option !== undefined)
    return parseSecrets(Array.isArray(option) ? option : [option], "secret");
  const variable = env[SECRET_VARIABLE];
  if (variable !== undefined && variable.trim() !== "") {
    return parseSecrets(
      variable.split(",").map((part) => part.trim()),
      SECRET_VARIABLE,
    );
  }
  if (env["NODE_ENV"] === "production") {
    throw new StashError(
      "missing_secret",
      "liveStash() signs what browsers hold: expected the option `secret` or the environment " +
        `variable ${SECRET_VARIABLE} in production, found neither. Set ${SECRET_VARIABLE} to at ` +
        `least ${MIN_SECRET_CHARACTERS} random characters, the same on every node.`,
    );
  }
  return [secretOfThisProcess()];
}

function parseSecrets(values: readonly unknown[], source: string): Secrets {
  const isStrong = (value: unknown): value is string =>
    typeof value === "string" && value.length >= MIN_SECRET_CHARACTERS;
  const [newest, ...older] = values.filter(isStrong);
  if (newest !== undefined && older.length + 1 === values.length) return [newest, ...older];
  const weak = values.find((value) => !isStrong(value));
  throw invalidOption({
    of: "liveStash",
    option: source,
    expected: `secrets of at least ${MIN_SECRET_CHARACTERS} characters`,
    found: typeof weak === "string" ? `one of ${weak.length} characters` : describeFound(weak),
    advice: "Make each of them up at random; put the newest first.",
  });
}

function secretOfThisProcess(): string {
  if (processSecret === undefined) {
    processSecret = randomBytes(32).toString("base64url");
    console.warn(
      `live-stash: no secret is set, so one was made up: stashes will not survive a restart of ` +
        `this process. Set ${SECRET_VARIABLE} to keep them.`,
    );
  }
  return processSecret;
}

function deriveKey(secret: string): ReferenceKey {
  return { keyId: derive(secret, "key id", 2), macKey: derive(secret, "reference mac", 32) };
}

function derive(secret: string, purpose: string, bytes: number): Buffer {
  return Buffer.from(hkdfSync("sha256", secret, "live-stash/1", purpose, bytes));
}
