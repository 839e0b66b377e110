/**
 * The error to throw in `mount` or `handleParams` to answer with a status from 400 to 499 and an error
 * page. The page shows the message to the user.
 */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

/** Returns the HTTP status for an error that a view threw: its `status` if that is 4xx, else 500. */
export function statusOfError(error: unknown): number {
  try {
    if (typeof error !== "object" || error === null) return 500;
    const status = "status" in error ? error.status : undefined;
    return typeof status === "number" && status >= 400 && status < 500 ? status : 500;
  } catch {
    // A getter or a trap of a Proxy threw.
    return 500;
  }
}
