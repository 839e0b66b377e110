/** Bytes by name, each for the same time from when it was set. */
export class ExpiringMap {
  readonly #lifeMs: number;
  readonly #kept = new Map<string, { readonly bytes: Uint8Array; readonly untilMs: number }>();
  readonly #sweeping: NodeJS.Timeout;

  constructor(lifeMs: number) {
    this.#lifeMs = lifeMs;
    this.#sweeping = setInterval(() => this.#sweep(), lifeMs);
  }

  set(name: string, bytes: Uint8Array): void {
    this.#kept.set(name, { bytes, untilMs: Date.now() + this.#lifeMs });
  }

  get(name: string): Uint8Array | undefined {
    const kept = this.#kept.get(name);
    return kept === undefined || kept.untilMs <= Date.now() ? undefined : kept.bytes;
  }

  delete(name: string): void {
    this.#kept.delete(name);
  }

  close(): void {
    clearInterval(this.#sweeping);
  }

  #sweep(): void {
    const nowMs = Date.now();
    for (const [name, { untilMs }] of this.#kept) if (untilMs <= nowMs) this.#kept.delete(name);
  }
}
