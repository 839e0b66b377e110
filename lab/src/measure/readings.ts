import type { NodeSample } from "../app/node-sample.ts";
import type { LoadState } from "../load/load-generator.ts";

/** All parts' figures at one moment. `null`: the run has no such part, or it did not answer in time. */
export interface Reading {
  /** In ms since the run's start. */
  readonly atMs: number;
  /** The nodes' samples, in the order of the nodes. */
  readonly nodes: readonly (NodeSample | null)[];
  readonly redis: ServiceReading | null;
  readonly nats: NatsReading | null;
  readonly nginx: NginxReading | null;
  readonly load: LoadState;
  /** CPU of the lab's own process, since its start. */
  readonly labCpuMs: number;
}

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
