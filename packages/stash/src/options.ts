import type { StashAdapter, StashId } from "./store/adapter.ts";
import { createOwners } from "./store/owner.ts";
import { findSecrets } from "./crypto/secrets.ts";
import type { StashError } from "./errors.ts";
import {
  type CheckedOptions,
  checkOptions,
  type Clock,
  describeFound,
  MAX_TIMER_MS,
  monotonicClockOf,
  type OptionTable,
} from "./option-checks.ts";
import type { LateRecoverResult } from "./results.ts";
import type { StashHost } from "./stash-host.ts";
import { type Capture, createCapture } from "./state/capture.ts";
import type { StateVersion } from "./state/record.ts";
import { createTokenForm, type TokenForm } from "./token/token.ts";

/** A view's socket, as far as the stash needs it. */
export type StashHostOf<Assigns extends object> = StashHost & {
  readonly assigns: Readonly<Assigns>;
};

/** The view and the operation in which an error happened. */
export interface StashErrorContext {
  /** The name of the view. */
  readonly view: string;
  readonly operation: "stash" | "recover" | "reset" | "end" | "keep_alive";
}

/** Options of `liveStash()`. */
export interface LiveStashOptions<Assigns extends object> {
  /** The assigns to save and to recover. At least one. */
  readonly storedKeys: readonly (keyof Assigns & string)[];
  /** The adapter of the store that keeps the stashes. */
  readonly adapter: StashAdapter;
  /** Time for which a stash outlives the connection of its view, in ms. Default 300,000 (5 minutes). */
  readonly ttlMs?: number;
  /** Stash after every render, without calls of `stash()`. Default `false`. */
  readonly autoStash?: boolean;
  /**
   * The version of the state's shape. State of another version is passed to `migrate`, or, without
   * `migrate`, deleted. A finite number, or a string of at most 200 characters. Default: no version.
   */
  readonly version?: StateVersion;
  /** Checks recovered state (after `migrate`); its output value is assigned. */
  readonly schema?: StandardSchema;
  /**
   * Turns state of another version into state of the current version; `undefined` deletes the state.
   * `oldState` holds all keys that were stored, including those no longer in `storedKeys`.
   */
  readonly migrate?: (
    oldState: Record<string, unknown>,
    oldVersion: StateVersion | undefined,
  ) => object | undefined | Promise<object | undefined>;
  /**
   * Binds stashes to this value of the session (such as a user's id; a string, number, bigint or
   * boolean) instead of the whole session: stashes then survive a new session of the same user. If the
   * session lacks the value, `stash()` and `recoverState()` fail with an error.
   */
  readonly sessionKey?: string;
  /**
   * Recover also after a reload of the page in the same tab: the browser then keeps its token in
   * `sessionStorage`, where scripts of the page can read it. For the page's main view only; a second
   * tab, or a page reached by a link, starts afresh. Default `false`.
   */
  readonly recoverAfterReload?: boolean;
  /**
   * Protects the browser's tokens. At least 32 characters. Several: the first writes, all read.
   * Default: the environment variable `LIVE_STASH_SECRET`, several separated by commas. With
   * neither, production (`NODE_ENV`) refuses to start; elsewhere one is generated for the project and
   * kept in the user's state folder.
   */
  readonly secret?: string | readonly string[];
  /** The largest state, in bytes of its text before compression. Default 1,048,576. */
  readonly maxStateBytes?: number;
  /** Time limit for one call of the adapter, of `migrate` or of the `schema`, in ms. Default 1,000. */
  readonly timeoutMs?: number;
  /**
   * Time for which `recoverState()` asks again while the store fails or does not answer, in ms. The
   * client waits 10 s for a join. A freshly loaded page does not wait. Default 5,000.
   */
  readonly recoverWithinMs?: number;
  /**
   * Decides how a view continues if the store has not answered within `recoverWithinMs`. `"rejoin"`
   * (the default): the page joins again, with the client's back-off, and meanwhile keeps showing its
   * old content. `"continue"`: the view starts with its defaults, and the recovery continues in the
   * background.
   */
  readonly whenUnavailable?: "rejoin" | "continue";
  /**
   * Decides what is assigned when the store answers after the view has started without its state:
   * stored keys to assign, or `undefined` to keep the current ones. Either is saved. Both arguments have
   * the stored keys only. Without `reconcile`, the recovered state is assigned if the stored keys are
   * unchanged since the first render, and else kept aside.
   */
  readonly reconcile?: (
    recovered: Partial<Assigns>,
    current: Partial<Assigns>,
  ) => Partial<Assigns> | undefined | Promise<Partial<Assigns> | undefined>;
  /**
   * Called when a recovery has settled after `recoverState()` had returned `pending`. It may assign, and
   * may be async; its return value is ignored.
   */
  readonly onLateRecovery?: (socket: StashHostOf<Assigns>, result: LateRecoverResult) => unknown;
  /**
   * Called for every failure, including those not returned to a caller: when a view ends, and in the
   * background. A failure that repeats with each `autoStash` is reported once until a save succeeds.
   * It may be async; its return value is ignored. Default: one line on `console.error`.
   */
  readonly onError?: (error: StashError, context: StashErrorContext) => unknown;
  /** Default: the system's clock. */
  readonly clock?: Clock;
}

/**
 * A validator of the Standard Schema specification, version 1 (https://standardschema.dev), as far
 * as the stash uses it: zod, valibot, arktype and others fit.
 */
export interface StandardSchema {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult | Promise<SchemaResult>;
  };
}

/** The result of a validator: the value to use, or the issues of the value it was given. */
export type SchemaResult =
  | { readonly value: unknown; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** One issue of a rejected value, and its path: keys, or objects with a `key`. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** The options of one `liveStash()`, checked and completed, and what its views share. */
export interface Settings extends Omit<
  CheckedOptions<LiveStashOptions<object>, typeof TABLE>,
  "storedKeys" | "secret"
> {
  readonly storedKeys: readonly string[];
  readonly tokenForm: TokenForm;
  /** The interval at which deadlines of connected views are extended. */
  readonly keepAliveIntervalMs: number;
  /** Monotonic clock, in ms, for durations; with a `clock` of a test, that clock. */
  readonly monotonicNow: () => number;
  readonly capture: Capture;
  readonly nextOwner: ReturnType<typeof createOwners>;
  /** Crashes in a row of views that had just recovered a stash, by its id (see `isSetAside`). */
  readonly crashCounts: Map<StashId, number>;
}

const CALLER = "liveStash";
const MAX_VERSION_CHARACTERS = 200;

const TABLE = {
  storedKeys: {
    kind: "value",
    accepts: areStoredKeys,
    expected: "a list of one or more different names of assigns",
    describe: (value) =>
      Array.isArray(value) && value.length > 0
        ? "a list with repeated or unusable names"
        : describeFound(value),
    isRequired: true,
    advice: 'Name the assigns to save, as in storedKeys: ["count"].',
  },
  adapter: {
    kind: "value",
    accepts: isAdapter,
    expected: "a stash adapter",
    isRequired: true,
    advice: "Create one, for instance with createMemoryAdapter().",
  },
  ttlMs: { kind: "number", default: 300_000 },
  autoStash: { kind: "boolean", default: false },
  version: {
    kind: "value",
    accepts: isVersion,
    expected: `a finite number or a string of at most ${MAX_VERSION_CHARACTERS} characters`,
    describe: (value) =>
      typeof value === "string" ? `a string of ${value.length}` : describeFound(value),
    advice: "Raise it whenever the shape of the stored assigns changes.",
  },
  schema: {
    kind: "value",
    accepts: isSchema,
    expected: "a Standard Schema validator (zod, valibot, arktype and others)",
    advice: "Pass the schema itself.",
  },
  migrate: { kind: "function" },
  sessionKey: {
    kind: "value",
    accepts: (value) => typeof value === "string" && value !== "",
    expected: "the name of a value in the session",
    advice: "Leave it out to bind stashes to the whole session.",
  },
  recoverAfterReload: { kind: "boolean", default: false },
  secret: { kind: "unchecked" },
  maxStateBytes: { kind: "number", default: 1_048_576 },
  timeoutMs: { kind: "number", default: 1_000, most: MAX_TIMER_MS },
  // Half of the time that the client waits for a join: the other half is left to the view's own mount.
  recoverWithinMs: { kind: "number", default: 5_000, most: MAX_TIMER_MS },
  whenUnavailable: { kind: "choice", choices: ["rejoin", "continue"], default: "rejoin" },
  reconcile: { kind: "function" },
  onLateRecovery: { kind: "function" },
  onError: { kind: "function" },
  clock: { kind: "clock" },
} as const satisfies OptionTable<LiveStashOptions<object>>;

/** Throws a `StashError` with `invalid_option` or `missing_secret`. */
export function parseSettings<Assigns extends object>(
  options: LiveStashOptions<Assigns>,
): Settings {
  const checked = checkOptions(CALLER, options as LiveStashOptions<object>, TABLE);
  const { storedKeys, adapter, ttlMs, maxStateBytes, clock } = checked;
  const intervalMs = keepAliveIntervalMs(ttlMs);
  return {
    ...checked,
    storedKeys: [...storedKeys],
    tokenForm: createTokenForm(findSecrets(checked.secret), adapter, ttlMs + intervalMs),
    keepAliveIntervalMs: intervalMs,
    monotonicNow: monotonicClockOf(clock),
    capture: createCapture(storedKeys, maxStateBytes),
    nextOwner: createOwners(),
    crashCounts: new Map(),
  };
}

/** A quarter of the TTL, so that a stash survives a keep-alive that fails. */
function keepAliveIntervalMs(ttlMs: number): number {
  return Math.min(Math.ceil(ttlMs / 4), MAX_TIMER_MS);
}

function areStoredKeys(value: unknown): boolean {
  if (!Array.isArray(value) || value.length === 0) return false;
  const isKey = (key: unknown): boolean => typeof key === "string" && key !== "__proto__";
  return value.every(isKey) && new Set(value).size === value.length;
}

function isAdapter(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { name, capabilities } = value as Partial<StashAdapter>;
  const calls = ["save", "load", "keepAlive", "forget", "close"] as const;
  return (
    typeof name === "string" &&
    /^[a-z][a-z0-9_]*$/.test(name) &&
    typeof capabilities === "object" &&
    calls.every((call) => typeof (value as Partial<StashAdapter>)[call] === "function")
  );
}

function isVersion(value: unknown): boolean {
  return typeof value === "string"
    ? value.length <= MAX_VERSION_CHARACTERS
    : typeof value === "number" && Number.isFinite(value);
}

function isSchema(value: unknown): boolean {
  return typeof (value as StandardSchema | null)?.["~standard"]?.validate === "function";
}
