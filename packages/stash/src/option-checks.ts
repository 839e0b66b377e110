import { StashError } from "./errors.ts";

/** A clock, in ms since the epoch. */
export interface Clock {
  now(): number;
}

/** One option of a function: the values it may have, its default, and advice if its value is invalid. */
export type OptionRow =
  /** A whole number from `least` (1 by default) to `most` (any by default). */
  | {
      readonly kind: "number";
      readonly default?: number;
      readonly least?: number;
      readonly most?: number;
      readonly advice?: string;
    }
  | { readonly kind: "boolean"; readonly default: boolean; readonly advice?: string }
  /** One of several words. */
  | {
      readonly kind: "choice";
      readonly choices: readonly string[];
      readonly default?: string;
      readonly isRequired?: true;
      readonly advice?: string;
    }
  | { readonly kind: "function"; readonly advice?: string }
  /** A clock; the system's by default. */
  | { readonly kind: "clock" }
  /** Any value that `accepts` returns true for, such as a name or an object of the application. */
  | {
      readonly kind: "value";
      readonly accepts: (value: unknown) => boolean;
      readonly expected: string;
      /** Describes a rejected value, without printing it if it may be a secret. */
      readonly describe?: (value: unknown) => string;
      readonly default?: unknown;
      readonly isRequired?: true;
      readonly advice?: string;
    }
  /** An option that the caller checks itself. */
  | { readonly kind: "unchecked" };

/** A row for each option of a function. */
export type OptionTable<Options> = { readonly [Name in keyof Options]-?: OptionRow };

/** Options whose values are valid, with defaults in place of those left out. */
export type CheckedOptions<Options, Table> = {
  readonly [Name in keyof Table]: Name extends keyof Options
    ? Table[Name] extends { readonly default: unknown } | { readonly kind: "clock" }
      ? NonNullable<Options[Name]>
      : Options[Name]
    : never;
};

/**
 * Checks the options of the function `caller` against a table with a row for each of them, and fills in
 * defaults:
 *
 *     const TABLE = {
 *       timeoutMs: { kind: "number", default: 800, most: MAX_TIMER_MS },
 *       storage: { kind: "choice", choices: ["memory", "file"], default: "memory" },
 *     } as const satisfies OptionTable<NatsAdapterOptions>;
 *     const { timeoutMs, storage } = checkOptions("createNatsAdapter", options, TABLE);
 *
 * Throws a `StashError` with `invalid_option` for a name without a row, and for the first invalid value.
 * Rules between several options are the caller's (see `invalidOption`).
 */
export function checkOptions<Options extends object, Table extends OptionTable<Options>>(
  caller: string,
  options: Options,
  table: Table,
): CheckedOptions<Options, Table> {
  checkOptionNames(caller, options, Object.keys(table));
  const given = options as Readonly<Record<string, unknown>>;
  const checked: Record<string, unknown> = {};
  for (const [name, row] of Object.entries<OptionRow>(table)) {
    checked[name] = checkOption(caller, name, given[name], row);
  }
  return checked as CheckedOptions<Options, Table>;
}

/** The value of one option, or its default. Throws a `StashError` with `invalid_option`. */
function checkOption(caller: string, option: string, value: unknown, row: OptionRow): unknown {
  if (value === undefined && !("isRequired" in row)) return defaultOf(row);
  const expected = expectationOf(value, row);
  if (expected === undefined) return value;
  throw invalidOption({
    caller,
    option,
    expected,
    found: describeRejected(value, row),
    advice: ("advice" in row ? row.advice : undefined) ?? adviceFor(row),
  });
}

function defaultOf(row: OptionRow): unknown {
  // Looked up for each call: a test may replace the global `Date`.
  if (row.kind === "clock") return Date;
  return "default" in row ? row.default : undefined;
}

/** The values that a row accepts, in words; `undefined` if it accepts this one. */
function expectationOf(value: unknown, row: OptionRow): string | undefined {
  switch (row.kind) {
    case "number": {
      const { least = 1, most = Number.MAX_SAFE_INTEGER } = row;
      const isAccepted =
        Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most;
      return isAccepted ? undefined : `a whole number ${rangeInWords(least, row.most)}`;
    }
    case "boolean":
      return typeof value === "boolean" ? undefined : "true or false";
    case "choice":
      return row.choices.some((choice) => choice === value)
        ? undefined
        : row.choices.map((choice) => JSON.stringify(choice)).join(" or ");
    case "function":
      return typeof value === "function" ? undefined : "a function";
    case "clock":
      return isClock(value)
        ? undefined
        : "an object with a function now() that returns ms since the epoch";
    case "value":
      return row.accepts(value) ? undefined : row.expected;
    case "unchecked":
      return undefined;
  }
}

function rangeInWords(least: number, most: number | undefined): string {
  return most === undefined ? `of at least ${least}` : `from ${least} to ${most}`;
}

function adviceFor(row: OptionRow): string {
  if ("isRequired" in row) return "Pass one of the expected values.";
  const fallback = "default" in row ? row.default : undefined;
  return fallback === undefined
    ? "Correct the value or leave it out."
    : `Leave it out for the default of ${JSON.stringify(fallback)}.`;
}

function isClock(value: unknown): value is Clock {
  // `Date` itself is a clock, and a function.
  const isObject = (typeof value === "object" && value !== null) || typeof value === "function";
  return isObject && "now" in value && typeof value.now === "function";
}

/** Describes a rejected option value without printing it (it may be a secret). */
export function describeFound(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return value.length === 0 ? "an empty array" : "an array";
  switch (typeof value) {
    case "undefined":
      return "nothing";
    case "number":
    case "boolean":
      return String(value);
    case "string":
      return value === "" ? "an empty string" : "a string";
    case "object":
      return "an object";
    default:
      return `a ${typeof value}`;
  }
}

const MAX_SHOWN_CHARACTERS = 40;

function describeRejected(value: unknown, row: OptionRow): string {
  if (row.kind === "value" && row.describe !== undefined) return row.describe(value);
  // A misspelt choice is no secret.
  const isShown = row.kind === "choice" && typeof value === "string" && value !== "";
  return isShown ? JSON.stringify(value.slice(0, MAX_SHOWN_CHARACTERS)) : describeFound(value);
}

export interface InvalidOption {
  /** The function whose option is invalid, such as `liveStash`. */
  readonly caller: string;
  readonly option: string;
  readonly expected: string;
  readonly found: string;
  readonly advice: string;
}

/** The error for an option that the table cannot check, such as a rule between two options. */
export function invalidOption(invalid: InvalidOption): StashError {
  const { caller, option, expected, found, advice } = invalid;
  return new StashError(
    "invalid_option",
    `${caller}(): invalid option "${option}": expected ${expected}, got ${found}. ${advice}`,
  );
}

/** Throws `invalid_option` if `options` is not an object, or has a name that is not in `known`. */
function checkOptionNames(caller: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== "object" || options === null) {
    throw invalidOption({
      caller,
      option: "options",
      expected: "an object",
      found: describeFound(options),
      advice: `Call ${caller}({ … }).`,
    });
  }
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw invalidOption({
    caller,
    option: unknown,
    expected: `one of ${known.join(", ")}`,
    found: "another name",
    advice: "Correct the name or leave it out.",
  });
}

/** The longest delay of a timer, in ms: Node.js fires a timer with a longer one at once. */
export const MAX_TIMER_MS = 2_147_483_647;

/**
 * The clock for durations, in ms, that goes with a clock for times: the system's monotonic clock with
 * `Date`, which may be set; else the given clock, since a test moves only that one.
 */
export function monotonicClockOf(clock: Clock = Date): () => number {
  return clock === Date ? () => performance.now() : () => clock.now();
}
