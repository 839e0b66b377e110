import type { Registry } from "prom-client";
import type { MemoryAdapter } from "../adapters/memory-adapter.ts";
import {
  memoryMetrics,
  type MirrorFigures,
  type MirroringAdapter,
  mirrorMetrics,
} from "../metrics/adapter-metrics.ts";
import { countEvents } from "../metrics/event-metrics.ts";
import { NAMES } from "../metrics/names.ts";

export type { MirrorFigures, MirroringAdapter };

/** The adapters to measure, and the registry to register their metrics with. */
export interface StashMetricsOptions {
  /** The registry that `/metrics` prints. */
  readonly register: Registry;
  /** Memory adapters to measure, by the name that becomes the label `adapter_instance`. */
  readonly memoryAdapters?: Readonly<Record<string, MemoryAdapter>>;
  /** Adapters with a mirror to measure, by the name that becomes the label `adapter_instance`. */
  readonly mirrors?: Readonly<Record<string, MirroringAdapter>>;
}

/** Stops measuring and removes the metrics from the registry. */
export type StopStashMetrics = () => void;

/**
 * Measures every stash of this process, for Prometheus.
 *
 * - `live_stash_operations_total{operation,adapter,status}`
 * - `live_stash_operation_duration_seconds{operation,adapter}`
 * - `live_stash_record_size_bytes{adapter}`: saved records
 * - `live_stash_errors_total{operation,adapter,code}`
 * - `live_stash_kept_alive_total{adapter,outcome}`: stashes whose deadline was extended, or was not
 * - `live_stash_memory_entries{adapter_instance,state}`, `live_stash_memory_bytes`,
 *   `live_stash_memory_expired_total`, `live_stash_memory_evicted_total`
 * - with `peers`: `live_stash_memory_lookups_total{adapter_instance,source}`,
 *   `live_stash_peer_lookup_duration_seconds{source}`,
 *   `live_stash_memory_moves_total{adapter_instance,direction}`,
 *   `live_stash_memory_handed_over_total{adapter_instance}`,
 *   `live_stash_memory_unconfirmed_transfers{adapter_instance}`
 * - `live_stash_mirror_entries{adapter_instance}`, `live_stash_mirror_bytes`,
 *   `live_stash_mirror_lag_messages`
 */
export function collectStashMetrics(options: StashMetricsOptions): StopStashMetrics {
  const { register, memoryAdapters = {}, mirrors = {} } = options;
  const stopCounting = countEvents(register);
  for (const metric of [...memoryMetrics(memoryAdapters), ...mirrorMetrics(mirrors)]) {
    register.registerMetric(metric);
  }
  return () => {
    stopCounting();
    for (const name of Object.values(NAMES)) register.removeSingleMetric(name);
  };
}
