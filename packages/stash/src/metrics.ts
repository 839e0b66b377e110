import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import {
  CHANNELS,
  type ErrorEvent,
  type KeepAliveEvent,
  type OperationEvent,
} from "./diagnostics.ts";
import type { MemoryAdapter } from "./memory/memory-adapter.ts";

const NAMES = {
  operations: "live_stash_operations_total",
  durations: "live_stash_operation_duration_seconds",
  sizes: "live_stash_record_size_bytes",
  errors: "live_stash_errors_total",
  keptAlive: "live_stash_kept_alive_total",
  memoryEntries: "live_stash_memory_entries",
  memoryBytes: "live_stash_memory_bytes",
  expired: "live_stash_memory_expired_total",
  evicted: "live_stash_memory_evicted_total",
} as const;

/** What to measure, and where to. */
export interface StashMetricsOptions {
  /** The registry that `/metrics` prints. */
  readonly register: Registry;
  /** Memory adapters whose figures are shown too, by a name for the label `adapter_instance`. */
  readonly memoryAdapters?: Readonly<Record<string, MemoryAdapter>>;
}

/** Stops measuring and takes the metrics out of the registry. */
export type StopStashMetrics = () => void;

const DURATION_BUCKETS_SECONDS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
];
const SIZE_BUCKETS_BYTES = [128, 512, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304];

/**
 * Measures every stash of this process, for Prometheus.
 *
 * - `live_stash_operations_total{operation,adapter,status}`
 * - `live_stash_operation_duration_seconds{operation,adapter}`
 * - `live_stash_record_size_bytes{adapter}`: saved records
 * - `live_stash_errors_total{operation,adapter,code}`
 * - `live_stash_kept_alive_total{adapter,outcome}`: stashes whose deadline was moved, or was not
 * - `live_stash_memory_entries{adapter_instance,state}`, `live_stash_memory_bytes`,
 *   `live_stash_memory_expired_total`, `live_stash_memory_evicted_total`
 */
export function collectStashMetrics(options: StashMetricsOptions): StopStashMetrics {
  const { register } = options;
  const registers = [register];
  const operations = new Counter({
    name: NAMES.operations,
    help: "Settled calls of stash, recoverState and resetStash.",
    labelNames: ["operation", "adapter", "status"],
    registers,
  });
  const durations = new Histogram({
    name: NAMES.durations,
    help: "Time from the call to its result.",
    labelNames: ["operation", "adapter"],
    buckets: DURATION_BUCKETS_SECONDS,
    registers,
  });
  const sizes = new Histogram({
    name: NAMES.sizes,
    help: "Size of saved records, compressed.",
    labelNames: ["adapter"],
    buckets: SIZE_BUCKETS_BYTES,
    registers,
  });
  const errors = new Counter({
    name: NAMES.errors,
    help: "Failures, also in the background.",
    labelNames: ["operation", "adapter", "code"],
    registers,
  });
  const keptAlive = new Counter({
    name: NAMES.keptAlive,
    help: "Stashes of connected views whose deadline was moved, or was not.",
    labelNames: ["adapter", "outcome"],
    registers,
  });

  const onOperation = (message: unknown): void => {
    const { operation, adapter, status, durationMs, bytes } = message as OperationEvent;
    operations.inc({ operation, adapter, status });
    durations.observe({ operation, adapter }, durationMs / 1000);
    if (bytes !== undefined) sizes.observe({ adapter }, bytes);
  };
  const onKeepAlive = (message: unknown): void => {
    const { adapter, count, kept } = message as KeepAliveEvent;
    keptAlive.inc({ adapter, outcome: "kept" }, kept);
    keptAlive.inc({ adapter, outcome: "lost" }, count - kept);
  };
  const onError = (message: unknown): void => {
    const { operation, adapter, code } = message as ErrorEvent;
    errors.inc({ operation, adapter, code });
  };
  subscribe(CHANNELS.operation, onOperation);
  subscribe(CHANNELS.keepAlive, onKeepAlive);
  subscribe(CHANNELS.error, onError);

  showMemory(options);
  return () => {
    unsubscribe(CHANNELS.operation, onOperation);
    unsubscribe(CHANNELS.keepAlive, onKeepAlive);
    unsubscribe(CHANNELS.error, onError);
    for (const name of Object.values(NAMES)) register.removeSingleMetric(name);
  };
}

/** Figures that are read when they are asked for. */
function showMemory({ register, memoryAdapters = {} }: StashMetricsOptions): void {
  const instances = Object.entries(memoryAdapters);
  if (instances.length === 0) return;
  register.registerMetric(
    new Gauge({
      name: NAMES.memoryEntries,
      help: "Stashes in the memory adapter.",
      labelNames: ["adapter_instance", "state"],
      registers: [],
      collect() {
        for (const [name, adapter] of instances) {
          const figures = adapter.figures();
          this.set({ adapter_instance: name, state: "connected" }, figures.connected);
          this.set(
            { adapter_instance: name, state: "disconnected" },
            figures.entries - figures.connected,
          );
        }
      },
    }),
  );
  register.registerMetric(
    new Gauge({
      name: NAMES.memoryBytes,
      help: "Memory taken by stashes, as counted against maxBytes.",
      labelNames: ["adapter_instance"],
      registers: [],
      collect() {
        for (const [name, adapter] of instances) {
          this.set({ adapter_instance: name }, adapter.figures().bytes);
        }
      },
    }),
  );
  for (const end of ["expired", "evicted"] as const) {
    register.registerMetric(
      new Counter({
        name: NAMES[end],
        help: `Stashes that were ${end} since the process started.`,
        labelNames: ["adapter_instance"],
        registers: [],
        collect() {
          this.reset();
          for (const [name, adapter] of instances) {
            this.inc({ adapter_instance: name }, adapter.figures()[end]);
          }
        },
      }),
    );
  }
}
