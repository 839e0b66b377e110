import type { PerCycle, StashSize } from "../result.ts";
import type { LoadCounts } from "../load/load-record.ts";
import type { NodeSample } from "../app/node-sample.ts";
import type { Reading } from "./readings.ts";
import { riseBetween, round } from "./series.ts";
import type { NatsReading, ServiceReading } from "./service-reading.ts";

/** What one cycle cost in the steady time. */
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
    // What one node writes, the other reads.
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

interface Stored {
  readonly bytes: number;
  readonly entries: number;
}

/** How large a stash was, where it was kept and in the browser. */
export function stashSize(readings: readonly Reading[], counts: LoadCounts): StashSize {
  const stored =
    mostStored(readings.map(storedInNodes)) ??
    mostStored(storedSince(readings.map(({ redis }) => redis))) ??
    mostStored(storedSince(readings.map(({ nats }) => nats)));
  const { heldStrings, heldCharacters } = counts;
  return {
    storedBytes: stored === undefined ? null : Math.round(stored.bytes / stored.entries),
    heldCharacters: heldStrings === 0 ? null : Math.round(heldCharacters / heldStrings),
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

function storedSince(all: readonly (ServiceReading | null)[]): Stored[] {
  const first = all.find((each) => each !== null);
  return all.map((each) => ({
    bytes: (each?.storedBytes ?? 0) - (first?.storedBytes ?? 0),
    entries: each?.storedEntries ?? 0,
  }));
}

function mostStored(all: readonly Stored[]): Stored | undefined {
  let most: Stored | undefined;
  for (const each of all) {
    if (each.entries > (most?.entries ?? 0)) most = each;
  }
  return most;
}
