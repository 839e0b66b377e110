/** A service's own figures. Bytes and CPU count since its start. */
export interface ServiceReading {
  readonly inBytes: number;
  readonly outBytes: number;
  readonly storedBytes: number;
  /** Keys or messages, each one stash. */
  readonly storedEntries: number;
  readonly cpuMs: number;
  readonly rssBytes: number;
}

export interface NatsReading extends ServiceReading {
  readonly routeBytes: number;
}

export interface NginxReading {
  readonly connections: number;
  readonly cpuMs: number;
  readonly rssBytes: number;
}
