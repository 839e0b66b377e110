import type { Gauge } from "prom-client";
import { gauge } from "./figure-metrics.ts";
import type { MirroringAdapter } from "./metrics-options.ts";
import { NAMES } from "./names.ts";

/** What is known of the mirrors of replicated stores. */
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
