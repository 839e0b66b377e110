/** Every code that a `LiveViewError` can carry. */
export type LiveViewErrorCode =
  /** An `html` template has a value where none can stand, or HTML that does not end. */
  | "invalid_template"
  /**
   * A value cannot be printed where it stands in a template, be an assign, be a timer's time, or
   * be sent: JSON cannot carry it.
   */
  | "invalid_value"
  /** All flash messages of a page together are larger than a cookie can carry. */
  | "flash_too_large"
  /** What a token is to hold makes it longer than one that comes back is looked at. */
  | "token_too_large"
  /** Two items of a keyed list have the same key: the message names it. */
  | "duplicate_key"
  /** An option is wrong: what was expected, what was found and what to do stand in the message. */
  | "invalid_option"
  /** No secret in production. */
  | "missing_secret"
  /** A view was sent somewhere it cannot go. */
  | "invalid_navigation"
  /** The page sent an event that its view does not handle. */
  | "unknown_event"
  /** The value of an event has not the shape of one, or does not fit its schema. */
  | "invalid_event_value"
  /** A form has more fields, nested values or levels than are decoded; nothing of it was handled. */
  | "form_too_large"
  /** A view was sent a message but has no `handleInfo`. */
  | "unhandled_message";

/** An error of the LiveView runtime. Its message never holds state, secrets or tokens. */
export class LiveViewError extends Error {
  override readonly name = "LiveViewError";
  readonly code: LiveViewErrorCode;

  constructor(code: LiveViewErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
