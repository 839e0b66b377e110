import type { Counter, Gauge } from "prom-client";
import type { MemoryAdapter } from "../memory-adapter.ts";
import type { MemoryFigures } from "../memory-adapter-options.ts";
import { counter, gauge, type Instances } from "./figure-metrics.ts";
import { NAMES } from "./names.ts";

/** What memory adapters tell of themselves, and of their peers where one of them has some. */
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
