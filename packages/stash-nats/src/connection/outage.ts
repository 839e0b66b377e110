/** The length of a long outage, in timeouts: a shorter one may be a restart of the server. */
const LONG_OUTAGE_TIMEOUTS = 5;

/** An outage of the connection. In a long one, calls fail at once instead of waiting for their timeout. */
export class Outage {
  /** The latest error of the connection, which the errors of calls name. */
  cause: unknown;
  readonly #timeoutMs: number;
  #sinceMs: number | undefined;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  begin(): void {
    this.#sinceMs ??= performance.now();
  }

  end(): void {
    this.#sinceMs = undefined;
    this.cause = undefined;
  }

  get isLong(): boolean {
    if (this.#sinceMs === undefined) return false;
    return performance.now() - this.#sinceMs > LONG_OUTAGE_TIMEOUTS * this.#timeoutMs;
  }
}
