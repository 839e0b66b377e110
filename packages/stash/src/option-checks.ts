import { StashError } from "./errors.ts";

/** A clock, in ms since the epoch. */
export interface Clock {
  now(): number;
}

/** Says what kind of value was found, without showing one that may be secret. */
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

export interface WrongOption {
  /** The function that was called, as in `liveStash`. */
  readonly of: string;
  readonly option: string;
  readonly expected: string;
  readonly found: string;
  readonly advice: string;
}

export function invalidOption({ of, option, expected, found, advice }: WrongOption): StashError {
  return new StashError(
    "invalid_option",
    `${of}() was called with a wrong \`${option}\`: expected ${expected}, found ${found}. ${advice}`,
  );
}

/** Rejects with `invalid_option` what is not an object, and the first key that is not known. */
export function checkOptionNames(of: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== "object" || options === null) {
    throw invalidOption({
      of,
      option: "options",
      expected: "an object",
      found: describeFound(options),
      advice: `Call ${of}({ … }).`,
    });
  }
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw invalidOption({
    of,
    option: unknown,
    expected: `one of ${known.join(", ")}`,
    found: "an option of another name",
    advice: "Correct the name or leave it out.",
  });
}

/** The longest time of a timer, in ms. Node.js takes a longer one for no time at all. */
export const MAX_TIMER_MS = 2_147_483_647;

/** The option in ms, or its default. Rejects with `invalid_option` what no timer can wait. */
export function timerMs(of: string, option: string, value: unknown, fallback: number): number {
  const ms = positiveInteger(of, option, value, fallback);
  if (ms <= MAX_TIMER_MS) return ms;
  throw invalidOption({
    of,
    option,
    expected: `at most ${MAX_TIMER_MS}, the longest time of a timer`,
    found: String(ms),
    advice: `Leave it out for the default of ${fallback}.`,
  });
}

/** The option, or its default. Rejects with `invalid_option` what is not a whole number from 1 on. */
export function positiveInteger(
  of: string,
  option: string,
  value: unknown,
  fallback: number,
): number {
  if (value === undefined) return fallback;
  if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return value;
  throw invalidOption({
    of,
    option,
    expected: "a whole number from 1 on",
    found: describeFound(value),
    advice: `Leave it out for the default of ${fallback}.`,
  });
}

/** The option, or `undefined`. Rejects with `invalid_option` what is not a function. */
export function checkFunction(of: string, option: string, value: unknown): void {
  if (value === undefined || typeof value === "function") return;
  throw invalidOption({
    of,
    option,
    expected: "a function",
    found: describeFound(value),
    advice: "Leave it out if there is none.",
  });
}

/** Rejects with `invalid_option` what is not a clock. */
export function checkClock(of: string, value: unknown): void {
  if (value === undefined) return;
  // `Date` itself is a clock, and a function.
  const isObject = (typeof value === "object" && value !== null) || typeof value === "function";
  if (isObject && "now" in value && typeof value.now === "function") return;
  throw invalidOption({
    of,
    option: "clock",
    expected: "an object with a function now() that gives ms since the epoch",
    found: describeFound(value),
    advice: "Leave it out for the system's clock.",
  });
}

/**
 * The clock for durations, in ms, beside one for times: `Date` is the system's, which may be set; a clock of
 * a test's own is the only one there is.
 */
export function monotonicClockOf(clock: Clock = Date): () => number {
  return clock === Date ? () => performance.now() : () => clock.now();
}
