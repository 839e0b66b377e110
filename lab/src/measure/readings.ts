import type { NodeSample } from "../app/node-sample.ts";
import type { LoadState } from "../load/load-generator.ts";
import type { NatsReading, NginxReading, ServiceReading } from "./service-reading.ts";

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
