import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import {
  CHANNELS,
  type ErrorEvent,
  type KeepAliveEvent,
  type OperationEvent,
  type PeerLookupEvent,
} from "./diagnostics.ts";
import type { MemoryAdapter } from "./memory/memory-adapter.ts";
import type { MemoryFigures } from "./memory/memory-options.ts";

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
  peerLookups: "live_stash_peer_lookup_duration_seconds",
  recoveries: "live_stash_memory_lookups_total",
  moves: "live_stash_memory_moves_total",
  handedOver: "live_stash_memory_handed_over_total",
  departing: "live_stash_memory_departing",
  mirrorEntries: "live_stash_mirror_entries",
  mirrorBytes: "live_stash_mirror_bytes",
  mirrorLag: "live_stash_mirror_lag_messages",
} as const;

/** What a node knows of a store that it keeps a copy of. */
export interface MirrorFigures {
  readonly entries: number;
  readonly bytes: number;
  /** Changes that are known to be on their way. */
  readonly lagMessages: number;
}

/** An adapter that keeps a mirror, as `@live-stash/nats` does. */
export interface MirroringAdapter {
  figures(): { readonly mirror: MirrorFigures };
}

/** What to measure, and where to. */
export interface StashMetricsOptions {
  /** The registry that `/metrics` prints. */
  readonly register: Registry;
  /** Memory adapters whose figures are shown too, by a name for the label `adapter_instance`. */
  readonly memoryAdapters?: Readonly<Record<string, MemoryAdapter>>;
  /** Adapters with a mirror whose figures are shown too, by a name for the label `adapter_instance`. */
  readonly mirrors?: Readonly<Record<string, MirroringAdapter>>;
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
 * - with `peers`: `live_stash_memory_lookups_total{adapter_instance,source}`,
 *   `live_stash_peer_lookup_duration_seconds{source}`,
 *   `live_stash_memory_moves_total{adapter_instance,direction}`,
 *   `live_stash_memory_handed_over_total{adapter_instance}`,
 *   `live_stash_memory_departing{adapter_instance}`
 * - `live_stash_mirror_entries{adapter_instance}`, `live_stash_mirror_bytes`,
 *   `live_stash_mirror_lag_messages`
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
  const peerLookups = new Histogram({
    name: NAMES.peerLookups,
    help: "Time to look for a stash at other nodes, by where it was found.",
    labelNames: ["source"],
    buckets: DURATION_BUCKETS_SECONDS,
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
  const onPeerLookup = (message: unknown): void => {
    const { source, durationMs } = message as PeerLookupEvent;
    peerLookups.observe({ source }, durationMs / 1000);
  };
  subscribe(CHANNELS.operation, onOperation);
  subscribe(CHANNELS.keepAlive, onKeepAlive);
  subscribe(CHANNELS.error, onError);
  subscribe(CHANNELS.peerLookup, onPeerLookup);

  for (const metric of [...memoryMetrics(options), ...mirrorMetrics(options)]) {
    register.registerMetric(metric);
  }
  return () => {
    unsubscribe(CHANNELS.operation, onOperation);
    unsubscribe(CHANNELS.keepAlive, onKeepAlive);
    unsubscribe(CHANNELS.error, onError);
    unsubscribe(CHANNELS.peerLookup, onPeerLookup);
    for (const name of Object.values(NAMES)) register.removeSingleMetric(name);
  };
}

/** One value of a figure, with what it is labelled with besides the instance. */
interface Sample {
  readonly value: number;
  readonly labels?: Readonly<Record<string, string>>;
}

interface Figure<Figures> {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly string[];
  readonly read: (figures: Figures) => readonly Sample[];
}

/** Adapters whose figures are read when they are asked for. */
type Instances<Figures> = Readonly<Record<string, { figures(): Figures }>>;

function gauge<Figures>(instances: Instances<Figures>, figure: Figure<Figures>): Gauge {
  const { name, help, labelNames = [] } = figure;
  return new Gauge({
    name,
    help,
    labelNames: ["adapter_instance", ...labelNames],
    registers: [],
    collect() {
      forEachSample(instances, figure, (labels, value) => this.set(labels, value));
    },
  });
}

/** What adapters count themselves. */
function counter<Figures>(instances: Instances<Figures>, figure: Figure<Figures>): Counter {
  const { name, help, labelNames = [] } = figure;
  return new Counter({
    name,
    help,
    labelNames: ["adapter_instance", ...labelNames],
    registers: [],
    collect() {
      this.reset();
      forEachSample(instances, figure, (labels, value) => this.inc(labels, value));
    },
  });
}

function forEachSample<Figures>(
  instances: Instances<Figures>,
  { read }: Figure<Figures>,
  show: (labels: Record<string, string>, value: number) => void,
): void {
  for (const [instance, adapter] of Object.entries(instances)) {
    for (const { value, labels } of read(adapter.figures())) {
      show({ adapter_instance: instance, ...labels }, value);
    }
  }
}

function memoryMetrics({ memoryAdapters = {} }: StashMetricsOptions): readonly (Gauge | Counter)[] {
  if (Object.keys(memoryAdapters).length === 0) return [];
  const instances: Instances<MemoryFigures> = memoryAdapters;
  const figures: readonly (Gauge | Counter)[] = [
    gauge(instances, {
      name: NAMES.memoryEntries,
      help: "Stashes in the memory adapter.",
      labelNames: ["state"],
      read: ({ entries, connected }) => [
        { value: connected, labels: { state: "connected" } },
        { value: entries - connected, labels: { state: "disconnected" } },
      ],
    }),
    gauge(instances, {
      name: NAMES.memoryBytes,
      help: "Memory taken by stashes, as counted against maxBytes.",
      read: ({ bytes }) => [{ value: bytes }],
    }),
    ...(["expired", "evicted"] as const).map((end) =>
      counter(instances, {
        name: NAMES[end],
        help: `Stashes that were ${end} since the process started.`,
        read: (found) => [{ value: found[end] }],
      }),
    ),
  ];
  const arePeered = Object.values(instances).some((adapter) => adapter.figures().peers);
  return arePeered ? [...figures, ...peerMetrics(instances)] : figures;
}

function peerMetrics(instances: Instances<MemoryFigures>): readonly (Gauge | Counter)[] {
  return [
    counter(instances, {
      name: NAMES.recoveries,
      help: "Loads, by where the stash was.",
      labelNames: ["source"],
      read: ({ peers }) =>
        Object.entries(peers?.lookups ?? {}).map(([source, value]) => ({
          value,
          labels: { source },
        })),
    }),
    counter(instances, {
      name: NAMES.moves,
      help: "Stashes that came from other nodes and went to them.",
      labelNames: ["direction"],
      read: ({ peers }) =>
        peers === undefined
          ? []
          : [
              { value: peers.movedIn, labels: { direction: "in" } },
              { value: peers.movedOut, labels: { direction: "out" } },
            ],
    }),
    counter(instances, {
      name: NAMES.handedOver,
      help: "Stashes that other nodes took when this one was going.",
      read: ({ peers }) => (peers === undefined ? [] : [{ value: peers.handedOver }]),
    }),
    gauge(instances, {
      name: NAMES.departing,
      help: "Stashes that are on their way to other nodes.",
      read: ({ peers }) => (peers === undefined ? [] : [{ value: peers.departing }]),
    }),
  ];
}

function mirrorMetrics({ mirrors = {} }: StashMetricsOptions): readonly Gauge[] {
  if (Object.keys(mirrors).length === 0) return [];
  return [
    gauge(mirrors, {
      name: NAMES.mirrorEntries,
      help: "Stashes in the mirror of a replicated store.",
      read: ({ mirror }) => [{ value: mirror.entries }],
    }),
    gauge(mirrors, {
      name: NAMES.mirrorBytes,
      help: "Memory taken by the mirror, roughly.",
      read: ({ mirror }) => [{ value: mirror.bytes }],
    }),
    gauge(mirrors, {
      name: NAMES.mirrorLag,
      help: "Changes that are known to be on their way to the mirror.",
      read: ({ mirror }) => [{ value: mirror.lagMessages }],
    }),
  ];
}
