/** A map from names to bytes whose entries all expire after the same time. */
export class ExpiringMap {
  readonly #lifeMs: number;
  #bytes = 0;
  readonly #entries = new Map<
    string,
    { readonly bytes: Uint8Array; readonly expiresAtMs: number }
  >();
  readonly #sweeping: NodeJS.Timeout;

  constructor(lifeMs: number) {
    this.#lifeMs = lifeMs;
    this.#sweeping = setInterval(() => this.#sweep(), lifeMs);
  }

  /** Counts the entries, and adds up their bytes. */
  figures(): { readonly bytes: number; readonly entries: number } {
    return { bytes: this.#bytes, entries: this.#entries.size };
  }

  set(name: string, bytes: Uint8Array): void {
    this.delete(name);
    this.#bytes += bytes.length;
    this.#entries.set(name, { bytes, expiresAtMs: Date.now() + this.#lifeMs });
  }

  get(name: string): Uint8Array | undefined {
    const entry = this.#entries.get(name);
    return entry === undefined || entry.expiresAtMs <= Date.now() ? undefined : entry.bytes;
  }

  delete(name: string): void {
    this.#bytes -= this.#entries.get(name)?.bytes.length ?? 0;
    this.#entries.delete(name);
  }

  close(): void {
    clearInterval(this.#sweeping);
  }

  #sweep(): void {
    const nowMs = Date.now();
    for (const [name, { expiresAtMs }] of this.#entries)
      if (expiresAtMs <= nowMs) this.delete(name);
  }
}
