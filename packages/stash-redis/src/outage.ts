/** Since when Redis does not answer, and what is known about why. */
export class Outage {
  readonly #nowMs: () => number;
  #sinceMs: number | undefined;
  #heardAtMs = 0;
  #cause: unknown;
  #onBegin = (): void => {};

  /** @param nowMs a clock that never goes back */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  get isOn(): boolean {
    return this.#sinceMs !== undefined;
  }

  /** The last error of a connection, if it was one. */
  get cause(): unknown {
    return this.#cause;
  }

  /** A call was not answered in time. */
  begin(): void {
    if (this.#sinceMs !== undefined) return;
    this.#sinceMs = this.#nowMs();
    this.#heardAtMs = this.#sinceMs;
    this.#onBegin();
  }

  /** Resolves when the next one begins. For one who waits. */
  whenOn(): Promise<void> {
    return new Promise((resolve) => {
      this.#onBegin = resolve;
    });
  }

  /** A connection failed. */
  fail(cause: unknown): void {
    this.begin();
    this.#cause = cause;
    this.hear();
  }

  /** Something moved: there is no answer yet, but the connection is not stuck. */
  hear(): void {
    this.#heardAtMs = this.#nowMs();
  }

  /** Redis answered. */
  end(): void {
    this.#sinceMs = undefined;
    this.#cause = undefined;
  }

  lastsMs(): number {
    return this.#sinceMs === undefined ? 0 : this.#nowMs() - this.#sinceMs;
  }

  /** How long nothing was heard of the connection. */
  silentMs(): number {
    return this.#sinceMs === undefined ? 0 : this.#nowMs() - this.#heardAtMs;
  }
}
