import type { NodeSample } from "../app/node-sample.ts";
import type { LoadState } from "../load/load-generator.ts";
import type { NatsReading, NginxReading, ServiceReading } from "./service-reading.ts";

/** Everything at one moment. `null` where there is no such service, or it did not answer in time. */
export interface Reading {
  /** In ms since the run's start. */
  readonly atMs: number;
  /** In the order of the nodes. */
  readonly nodes: readonly (NodeSample | null)[];
  readonly redis: ServiceReading | null;
  readonly nats: NatsReading | null;
  readonly nginx: NginxReading | null;
  readonly load: LoadState;
  /** Of the lab's own process, since its start. */
  readonly labCpuMs: number;
}
