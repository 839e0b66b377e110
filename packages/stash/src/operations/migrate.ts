import { isDevelopment } from "../describe-cause.ts";
import { StashError } from "../errors.ts";
import type { StateVersion } from "../state/record.ts";
import { pick } from "../state/state-text.ts";
import { settledWithin } from "../store/bounded-call.ts";
import type { SchemaIssue, Settings } from "../options.ts";

/** A state in the current shape, or the reason why there is none. */
export type MigratedState =
  | { readonly status: "usable"; readonly state: object; readonly isMigrated: boolean }
  /** The state has another version, and `migrate` is missing or deletes it. */
  | { readonly status: "discarded" }
  | {
      readonly status: "failed";
      readonly reason: "migration_failed" | "schema_rejected";
      readonly error: StashError;
    };

/** Migrates a state of another version, then checks the stored keys against the schema. */
export async function migrateState(
  settings: Settings,
  stored: object,
  storedVersion: StateVersion | undefined,
): Promise<MigratedState> {
  const isMigrated = storedVersion !== settings.version;
  let state = stored;
  if (isMigrated) {
    if (settings.migrate === undefined) return { status: "discarded" };
    try {
      const answer = settings.migrate({ ...stored }, storedVersion);
      const migrated = await settledWithin(answer, settings.timeoutMs, "migrate()");
      if (migrated === undefined) return { status: "discarded" };
      state = asObject(migrated, "migrate");
    } catch (cause) {
      return { status: "failed", reason: "migration_failed", error: migrationError(cause) };
    }
  }
  if (settings.schema === undefined) return { status: "usable", state, isMigrated };
  try {
    const declared = pick(state, settings.storedKeys);
    const answer = settings.schema["~standard"].validate(declared);
    const result = await settledWithin(answer, settings.timeoutMs, "the schema");
    if (result.issues !== undefined) throw rejection(result.issues, settings.storedKeys);
    return { status: "usable", state: asObject(result.value, "the schema"), isMigrated };
  } catch (cause) {
    return { status: "failed", reason: "schema_rejected", error: schemaError(cause) };
  }
}

function asObject(value: unknown, source: string): object {
  if (typeof value === "object" && value !== null) return value;
  throw new TypeError(`Expected ${source} to return an object with the stored keys, found none.`);
}

function migrationError(cause: unknown): StashError {
  return new StashError(
    "migration_failed",
    "Cannot recover state of another version: expected migrate() to return an object or undefined, " +
      "found an error (see cause). Correct migrate(); the stored state is kept until the next stash().",
    { cause },
  );
}

/**
 * Creates the error for the issues of a schema. Names the stored key of the first one; the validator's
 * message may quote the state, so it is only the cause, and only in development.
 */
function rejection(issues: readonly SchemaIssue[], storedKeys: readonly string[]): StashError {
  const [first] = issues;
  const key = keyOf(first?.path?.[0]);
  const place = key !== undefined && storedKeys.includes(key) ? `, the first in \`${key}\`` : "";
  return new StashError(
    "schema_failed",
    `Cannot recover state: expected a state that the schema accepts, found ${issues.length} issue(s)${place}. ` +
      "Raise `version` when the shape of the stored assigns changes, and provide migrate().",
    first !== undefined && isDevelopment() ? { cause: issueError(first) } : undefined,
  );
}

function issueError({ message, path = [] }: SchemaIssue): Error {
  const place = path.map((part) => keyOf(part) ?? "?").join(".");
  const error = new Error(place === "" ? message : `at ${place}: ${message}`);
  error.name = "SchemaIssue";
  return error;
}

/** The key in one part of an issue's path, which is a key or an object with a `key`. */
function keyOf(part: PropertyKey | { readonly key: PropertyKey } | undefined): string | undefined {
  if (part === undefined) return undefined;
  return String(typeof part === "object" ? part.key : part);
}

function schemaError(cause: unknown): StashError {
  if (cause instanceof StashError) return cause;
  return new StashError(
    "schema_failed",
    "Cannot recover state: expected the schema to answer, found an error (see cause). Correct the " +
      "schema; the stored state is kept until the next stash().",
    { cause },
  );
}
