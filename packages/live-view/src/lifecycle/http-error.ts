/**
 * Thrown in `mount` or `handleParams` to answer with a status from 400 to 499: the page becomes an
 * error page. The message is shown to the user.
 */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

/** The status of an error thrown by a view: its own if it has one of 4xx, else 500. */
export function statusOfError(error: unknown): number {
  try {
    if (typeof error !== "object" || error === null) return 500;
    const status = "status" in error ? error.status : undefined;
    return typeof status === "number" && status >= 400 && status < 500 ? status : 500;
  } catch {
    // A getter, or a trap of a Proxy.
    return 500;
  }
}
