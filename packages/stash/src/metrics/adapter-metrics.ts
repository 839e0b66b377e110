import { Counter, Gauge } from "prom-client";
import type { MemoryAdapter } from "../adapters/memory-adapter.ts";
import type { MemoryFigures } from "../adapters/memory-adapter-options.ts";
import { NAMES } from "./names.ts";

/** Figures of a node's copy of a replicated store. */
export interface MirrorFigures {
  readonly entries: number;
  readonly bytes: number;
  /** Changes that the node knows of and has not received yet. */
  readonly lagMessages: number;
}

/** An adapter with a mirror of its store, such as that of `@live-stash/nats`. */
export interface MirroringAdapter {
  figures(): { readonly mirror: MirrorFigures };
}

/** Creates the metrics of memory adapters, and of their peers if any adapter has peers. */
export function memoryMetrics(
  memoryAdapters: Readonly<Record<string, MemoryAdapter>>,
): readonly (Gauge | Counter)[] {
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
      help: "Memory used by stashes, as counted against maxBytes.",
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
      help: "Loads, by the place where the stash was found.",
      labelNames: ["source"],
      read: ({ peers }) =>
        Object.entries(peers?.lookups ?? {}).map(([source, value]) => ({
          value,
          labels: { source },
        })),
    }),
    counter(instances, {
      name: NAMES.moves,
      help: "Stashes received from other nodes and sent to them.",
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
      help: "Stashes that other nodes accepted before this node stopped.",
      read: ({ peers }) => (peers === undefined ? [] : [{ value: peers.handedOver }]),
    }),
    gauge(instances, {
      name: NAMES.unconfirmed,
      help: "Stashes sent to other nodes that have not confirmed them yet.",
      read: ({ peers }) => (peers === undefined ? [] : [{ value: peers.unconfirmed }]),
    }),
  ];
}

/** One value of a figure, with its labels besides the instance. */
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

/** Adapters by instance name. Their figures are read at each scrape. */
type Instances<Figures> = Readonly<Record<string, { figures(): Figures }>>;

/** Creates a gauge, for a figure that can decrease. */
export function gauge<Figures>(instances: Instances<Figures>, figure: Figure<Figures>): Gauge {
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

/** Creates a counter, for a figure that adapters count themselves. */
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

/** Creates the metrics of mirrors of replicated stores. */
export function mirrorMetrics(
  mirrors: Readonly<Record<string, MirroringAdapter>>,
): readonly Gauge[] {
  if (Object.keys(mirrors).length === 0) return [];
  return [
    gauge(mirrors, {
      name: NAMES.mirrorEntries,
      help: "Stashes in the mirror of a replicated store.",
      read: ({ mirror }) => [{ value: mirror.entries }],
    }),
    gauge(mirrors, {
      name: NAMES.mirrorBytes,
      help: "Approximate memory used by the mirror.",
      read: ({ mirror }) => [{ value: mirror.bytes }],
    }),
    gauge(mirrors, {
      name: NAMES.mirrorLag,
      help: "Changes that the node knows of and has not received yet.",
      read: ({ mirror }) => [{ value: mirror.lagMessages }],
    }),
  ];
}
