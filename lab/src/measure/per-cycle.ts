import type { PerCycle, StashSize } from "../result.ts";
import type { LoadCounts } from "../load/load-record.ts";
import type { NodeSample } from "../app/node-sample.ts";
import type { NatsReading, Reading, ServiceReading } from "./readings.ts";
import { riseBetween, round } from "./series.ts";
import { bytesPerEntry, type Stored } from "./stored-bytes.ts";

/** Computes the cost of one cycle in the steady time. */
export function perCycle(
  readings: readonly Reading[],
  counts: LoadCounts,
  steady: { readonly fromMs: number; readonly toMs: number },
): PerCycle {
  const cycles = counts.steadyCycles;
  const atMs = readings.map((reading) => reading.atMs);
  const each = (read: (reading: Reading) => number | null): number | null => {
    const rise = riseBetween(atMs, readings.map(read), steady.fromMs, steady.toMs);
    return rise === null || cycles === 0 ? null : round(rise / cycles);
  };
  const ofNodes = (key: keyof NodeSample) =>
    each(({ nodes }) => {
      let sum = 0;
      for (const node of nodes) {
        if (node === null) return null;
        sum += node[key];
      }
      return sum;
    });
  const ofRedis = (key: keyof ServiceReading) => each(({ redis }) => redis?.[key] ?? null);
  const ofNats = (key: keyof NatsReading) => each(({ nats }) => nats?.[key] ?? null);
  return {
    cycles,
    pageLoads: cycles === 0 ? null : round(counts.steadyPageLoads / cycles),
    cpuMs: ofNodes("cpuMs"),
    clientInBytes: ofNodes("clientInBytes"),
    clientOutBytes: ofNodes("clientOutBytes"),
    // Counted once: the bytes that one node writes are those that the other one reads.
    interNodeBytes: ofNodes("interNodeOutBytes"),
    redisInBytes: ofRedis("inBytes"),
    redisOutBytes: ofRedis("outBytes"),
    redisCpuMs: ofRedis("cpuMs"),
    natsInBytes: ofNats("inBytes"),
    natsOutBytes: ofNats("outBytes"),
    natsRouteBytes: ofNats("routeBytes"),
    natsCpuMs: ofNats("cpuMs"),
    nginxCpuMs: each(({ nginx }) => nginx?.cpuMs ?? null),
    loadCpuMs: each(({ labCpuMs }) => labCpuMs),
  };
}

/** Computes the mean size of a stash in its store, and of its token in the browser. */
export function stashSize(readings: readonly Reading[], counts: LoadCounts): StashSize {
  const bytes =
    bytesPerEntry(readings.map(storedInNodes)) ??
    bytesPerEntry(readings.map(({ redis }) => storedIn(redis))) ??
    bytesPerEntry(readings.map(({ nats }) => storedIn(nats)));
  const { tokens, tokenCharacters } = counts;
  return {
    storedBytes: bytes === null ? null : Math.round(bytes),
    heldCharacters: tokens === 0 ? null : Math.round(tokenCharacters / tokens),
  };
}

function storedInNodes({ nodes }: Reading): Stored {
  const stored = { bytes: 0, entries: 0 };
  for (const node of nodes) {
    stored.bytes += node?.adapterBytes ?? 0;
    stored.entries += node?.adapterEntries ?? 0;
  }
  return stored;
}

const storedIn = (service: ServiceReading | null): Stored => ({
  bytes: service?.storedBytes ?? 0,
  entries: service?.storedEntries ?? 0,
});
