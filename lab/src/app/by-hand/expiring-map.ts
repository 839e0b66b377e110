/** Bytes by name, each for the same time from when it was set. */
export class ExpiringMap {
  readonly #lifeMs: number;
  #bytes = 0;
  readonly #kept = new Map<string, { readonly bytes: Uint8Array; readonly untilMs: number }>();
  readonly #sweeping: NodeJS.Timeout;

  constructor(lifeMs: number) {
    this.#lifeMs = lifeMs;
    this.#sweeping = setInterval(() => this.#sweep(), lifeMs);
  }

  /** How many there are, and how much. */
  figures(): { readonly bytes: number; readonly entries: number } {
    return { bytes: this.#bytes, entries: this.#kept.size };
  }

  set(name: string, bytes: Uint8Array): void {
    this.delete(name);
    this.#bytes += bytes.length;
    this.#kept.set(name, { bytes, untilMs: Date.now() + this.#lifeMs });
  }

  get(name: string): Uint8Array | undefined {
    const kept = this.#kept.get(name);
    return kept === undefined || kept.untilMs <= Date.now() ? undefined : kept.bytes;
  }

  delete(name: string): void {
    this.#bytes -= this.#kept.get(name)?.bytes.length ?? 0;
    this.#kept.delete(name);
  }

  close(): void {
    clearInterval(this.#sweeping);
  }

  #sweep(): void {
    const nowMs = Date.now();
    for (const [name, { untilMs }] of this.#kept) if (untilMs <= nowMs) this.delete(name);
  }
}
