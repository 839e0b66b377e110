import type { StashAdapter, StashId } from "./store/adapter.ts";
import { createCapture, type Capture } from "./state/capture.ts";
import type { HeldForm } from "./token/token.ts";
import { createHeldForm } from "./token/create-token-form.ts";
import {
  type Clock,
  checkClock,
  checkFunction,
  checkOptionNames,
  describeFound,
  invalidOption,
  monotonicClockOf,
  positiveInteger,
  timerMs,
} from "./option-checks.ts";
import type { LiveStashOptions } from "./options.ts";
import { createOwners } from "./store/owner.ts";
import { findSecrets } from "./crypto/secrets.ts";

/** The options of one `liveStash()`, checked and completed. */
export interface Settings extends Pick<
  LiveStashOptions<object>,
  "schema" | "migrate" | "onError" | "reconcile" | "onLateRecovery"
> {
  readonly storedKeys: readonly string[];
  readonly adapter: StashAdapter;
  readonly ttlMs: number;
  readonly autoStash: boolean;
  readonly version: string | number | undefined;
  readonly sessionKey: string | undefined;
  readonly heldForm: HeldForm;
  readonly recoverAfterReload: boolean;
  readonly maxStateBytes: number;
  readonly timeoutMs: number;
  readonly recoverWithinMs: number;
  readonly whenUnavailable: "rejoin" | "continue";
  /** How many views in a row crashed soon after they had recovered a stash (see `isSetAside`). */
  readonly crashCounts: Map<StashId, number>;
  readonly clock: Clock;
  /** A clock in ms that nobody sets, for durations; a clock of a test's own is the only one there is. */
  readonly monotonicNow: () => number;
  readonly capture: Capture;
  readonly nextOwner: ReturnType<typeof createOwners>;
}

const OPTIONS = [
  "storedKeys",
  "adapter",
  "ttlMs",
  "autoStash",
  "version",
  "schema",
  "migrate",
  "sessionKey",
  "recoverAfterReload",
  "secret",
  "maxStateBytes",
  "timeoutMs",
  "recoverWithinMs",
  "whenUnavailable",
  "reconcile",
  "onLateRecovery",
  "onError",
  "clock",
] as const;

const DEFAULT_TTL_MS = 300_000;
const DEFAULT_MAX_STATE_BYTES = 1_048_576;
const DEFAULT_TIMEOUT_MS = 1_000;
/** Half of the time that the client waits for a join: the view's own mount has the other half. */
const DEFAULT_RECOVER_WITHIN_MS = 5_000;
const MAX_VERSION_CHARACTERS = 200;
const of = "liveStash";

/** Rejects with `invalid_option` or `missing_secret`. */
export function parseSettings<Assigns extends object>(
  options: LiveStashOptions<Assigns>,
): Settings {
  checkOptionNames(of, options, OPTIONS);
  const storedKeys = parseStoredKeys(options.storedKeys);
  const adapter = parseAdapter(options.adapter);
  const ttlMs = positiveInteger(of, "ttlMs", options.ttlMs, DEFAULT_TTL_MS);
  const maxStateBytes = positiveInteger(
    of,
    "maxStateBytes",
    options.maxStateBytes,
    DEFAULT_MAX_STATE_BYTES,
  );
  checkFunction(of, "migrate", options.migrate);
  checkFunction(of, "reconcile", options.reconcile);
  checkFunction(of, "onLateRecovery", options.onLateRecovery);
  checkFunction(of, "onError", options.onError);
  checkClock(of, options.clock);
  checkSchema(options.schema);
  return {
    storedKeys,
    maxStateBytes,
    adapter,
    ttlMs,
    timeoutMs: timerMs(of, "timeoutMs", options.timeoutMs, DEFAULT_TIMEOUT_MS),
    recoverWithinMs: timerMs(
      of,
      "recoverWithinMs",
      options.recoverWithinMs,
      DEFAULT_RECOVER_WITHIN_MS,
    ),
    whenUnavailable: parseWhenUnavailable(options.whenUnavailable),
    crashCounts: new Map(),
    autoStash: parseFlag("autoStash", options.autoStash, "stash only where stash() is called"),
    recoverAfterReload: parseFlag(
      "recoverAfterReload",
      options.recoverAfterReload,
      "have each page load start afresh",
    ),
    version: parseVersion(options.version),
    sessionKey: parseSessionKey(options.sessionKey),
    heldForm: createHeldForm(findSecrets(options.secret), adapter, ttlMs),
    clock: options.clock ?? Date,
    monotonicNow: monotonicClockOf(options.clock),
    capture: createCapture(storedKeys, maxStateBytes),
    nextOwner: createOwners(),
    ...(options.schema === undefined ? {} : { schema: options.schema }),
    ...(options.migrate === undefined ? {} : { migrate: options.migrate }),
    ...(options.onError === undefined ? {} : { onError: options.onError }),
    ...(options.reconcile === undefined ? {} : { reconcile: options.reconcile }),
    ...(options.onLateRecovery === undefined
      ? {}
      : { onLateRecovery: options.onLateRecovery as NonNullable<Settings["onLateRecovery"]> }),
  };
}

function parseStoredKeys(value: unknown): readonly string[] {
  const isKey = (key: unknown): key is string => typeof key === "string" && key !== "__proto__";
  const keys: readonly unknown[] = Array.isArray(value) ? value : [];
  if (keys.length > 0 && keys.every(isKey) && new Set(keys).size === keys.length) return [...keys];
  throw invalidOption({
    of,
    option: "storedKeys",
    expected: "a list of one or more different names of assigns",
    found: keys.length > 0 ? "a list with repeated or unusable names" : describeFound(value),
    advice: 'Name the assigns to save, as in storedKeys: ["count"].',
  });
}

function parseAdapter(adapter: StashAdapter | undefined): StashAdapter {
  const parts = ["save", "load", "keepAlive", "forget", "close"] as const;
  const isAdapter =
    typeof adapter === "object" &&
    adapter !== null &&
    typeof adapter.name === "string" &&
    /^[a-z][a-z0-9_]*$/.test(adapter.name) &&
    typeof adapter.capabilities === "object" &&
    parts.every((part) => typeof adapter[part] === "function");
  if (isAdapter) return adapter;
  throw invalidOption({
    of,
    option: "adapter",
    expected: "a stash adapter",
    found: describeFound(adapter),
    advice: "Create one, for instance with createMemoryAdapter().",
  });
}

function parseFlag(option: string, value: unknown, without: string): boolean {
  if (value === undefined || typeof value === "boolean") return value ?? false;
  throw invalidOption({
    of,
    option,
    expected: "true or false",
    found: describeFound(value),
    advice: `Leave it out to ${without}.`,
  });
}

function parseWhenUnavailable(value: unknown): "rejoin" | "continue" {
  if (value === undefined) return "rejoin";
  if (value === "rejoin" || value === "continue") return value;
  throw invalidOption({
    of,
    option: "whenUnavailable",
    expected: '"rejoin" or "continue"',
    found: typeof value === "string" ? JSON.stringify(value.slice(0, 40)) : describeFound(value),
    advice: 'Leave it out for "rejoin".',
  });
}

function parseVersion(value: unknown): string | number | undefined {
  if (value === undefined || (typeof value === "number" && Number.isFinite(value))) return value;
  if (typeof value === "string" && value.length <= MAX_VERSION_CHARACTERS) return value;
  throw invalidOption({
    of,
    option: "version",
    expected: `a finite number or a string of at most ${MAX_VERSION_CHARACTERS} characters`,
    found: typeof value === "string" ? `one of ${value.length}` : describeFound(value),
    advice: "Raise it whenever the shape of the stored assigns changes.",
  });
}

function parseSessionKey(value: unknown): string | undefined {
  if (value === undefined || (typeof value === "string" && value !== "")) return value;
  throw invalidOption({
    of,
    option: "sessionKey",
    expected: "the name of a value in the session",
    found: describeFound(value),
    advice: "Leave it out to bind stashes to the whole session.",
  });
}

function checkSchema(schema: LiveStashOptions<object>["schema"]): void {
  if (schema === undefined || typeof schema?.["~standard"]?.validate === "function") return;
  throw invalidOption({
    of,
    option: "schema",
    expected: "a Standard Schema validator (zod, valibot, arktype and others)",
    found: describeFound(schema),
    advice: "Pass the schema itself.",
  });
}
