import type { MaybePromise } from "../store/adapter.ts";
import { pick } from "../state/capture.ts";
import { isDevelopment } from "../describe-cause.ts";
import { StashError } from "../errors.ts";
import type { StateVersion } from "../state/record.ts";
import { settledWithin } from "../store/bounded-call.ts";
import type { Settings } from "../options.ts";
import type { SchemaIssue } from "../options.ts";

/** State that fits the application of today, or why there is none. */
export type ReshapedState =
  | { readonly status: "usable"; readonly state: object; readonly isMigrated: boolean }
  /** Of another version, and nothing turns it into this one. */
  | { readonly status: "discarded" }
  | {
      readonly status: "failed";
      readonly reason: "migration_failed" | "schema_rejected";
      readonly error: StashError;
    };

/** Migrates a state of another version, then has the schema check what is left of it. */
export function reshapeState(
  settings: Settings,
  stored: object,
  storedVersion: StateVersion | undefined,
): MaybePromise<ReshapedState> {
  const isMigrated = storedVersion !== settings.version;
  if (isMigrated || settings.schema !== undefined) return reshape(settings, stored, storedVersion);
  return { status: "usable", state: stored, isMigrated };
}

async function reshape(
  settings: Settings,
  stored: object,
  storedVersion: StateVersion | undefined,
): Promise<ReshapedState> {
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
  throw new TypeError(`Expected ${source} to give an object with the stored keys, found none.`);
}

function migrationError(cause: unknown): StashError {
  return new StashError(
    "migration_failed",
    "Cannot recover state of another version: expected migrate() to give an object or undefined, " +
      "found an error (see cause). Correct migrate(); the stored state is kept until the next stash().",
    { cause },
  );
}

/**
 * Names the stored key of the first issue. The validator's message may quote the state, so it is
 * only the cause, and only in development.
 */
function rejection(issues: readonly SchemaIssue[], storedKeys: readonly string[]): StashError {
  const [first] = issues;
  const key = keyOf(first?.path?.[0]);
  const place = key !== undefined && storedKeys.includes(key) ? `, the first in \`${key}\`` : "";
  return new StashError(
    "schema_failed",
    `Cannot recover state: expected what the schema accepts, found ${issues.length} issue(s)${place}. ` +
      "Raise `version` when the shape of the stored assigns changes, and give a migrate().",
    first !== undefined && isDevelopment() ? { cause: issueError(first) } : undefined,
  );
}

function issueError({ message, path = [] }: SchemaIssue): Error {
  const place = path.map((part) => keyOf(part) ?? "?").join(".");
  const error = new Error(place === "" ? message : `at ${place}: ${message}`);
  error.name = "SchemaIssue";
  return error;
}

/** A part of an issue's path is a key, or an object that has it. */
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
