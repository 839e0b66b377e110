import { foundValue, quoteText } from "./message-text.ts";

/** Every code that a `LiveViewError` can carry. */
export type LiveViewErrorCode =
  /** An `html` template has a value in a place that takes none, or HTML that does not end. */
  | "invalid_template"
  /**
   * A value does not fit its place: a template cannot print it, JSON cannot carry it, it is no assign,
   * or it is no duration of a timer.
   */
  | "invalid_value"
  /** All flash messages of a page together are larger than a cookie can carry. */
  | "flash_too_large"
  /** A token would be longer than the longest that the server verifies. */
  | "token_too_large"
  /** Two items of a keyed list have the same key: the message names it. */
  | "duplicate_key"
  /** An option is invalid: the message says what was expected, what was passed, and what to do. */
  | "invalid_option"
  /** The server runs in production without a secret. */
  | "missing_secret"
  /** A view navigates to a target that is not allowed there. */
  | "invalid_navigation"
  /** The page sent an event that its view does not handle. */
  | "unknown_event"
  /** The value of an event is malformed, or does not fit its schema. */
  | "invalid_event_value"
  /** A form has more fields, nested values or levels than the server decodes; none of it was handled. */
  | "form_too_large"
  /** A view was sent a message but has no `handleInfo`. */
  | "unhandled_message";

/** An error of the LiveView runtime. Its message never contains state, secrets or tokens. */
export class LiveViewError extends Error {
  override readonly name = "LiveViewError";
  readonly code: LiveViewErrorCode;

  constructor(code: LiveViewErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Creates the error for an option of `caller` that has an invalid value. */
export const invalidOption = (
  caller: string,
  option: string,
  expected: string,
  value: unknown,
  advice = "",
): LiveViewError =>
  new LiveViewError(
    "invalid_option",
    `${caller}(): invalid option "${option}": expected ${expected}, got ${foundValue(value)}.` +
      (advice === "" ? "" : ` ${advice}`),
  );

/**
 * Rejects options that `caller` does not have: a misspelt one would be ignored.
 * @throws LiveViewError `invalid_option`
 */
export function checkOptionNames(
  caller: string,
  options: object,
  known: Readonly<Record<string, true>>,
): void {
  for (const option of Object.keys(options)) {
    if (Object.hasOwn(known, option)) continue;
    throw new LiveViewError(
      "invalid_option",
      `${caller}(): expected options of ${Object.keys(known).join(", ")}, got ${quoteText(option)}. ` +
        "Remove it, or correct its name.",
    );
  }
}
