import type { LoadRun, NatsSamples, NginxSamples, ServiceSamples } from "../result.ts";
import { percentOf } from "./node-run.ts";
import type { Reading, ServiceReading } from "./readings.ts";
import { ratesPerSecond, round } from "./series.ts";

const times = (readings: readonly Reading[]): number[] => readings.map(({ atMs }) => round(atMs));

/** Converts one service's readings into the result format; `null` if the run had no such service. */
export function serviceSamples(
  readings: readonly Reading[],
  read: (reading: Reading) => ServiceReading | null,
): ServiceSamples | null {
  const all = readings.map(read);
  const first = all.find((each) => each !== null);
  if (first === undefined) return null;
  const atMs = times(readings);
  const column = (key: keyof ServiceReading): (number | null)[] =>
    all.map((each) => each?.[key] ?? null);
  return {
    atMs,
    inBytesPerSecond: ratesPerSecond(atMs, column("inBytes")),
    outBytesPerSecond: ratesPerSecond(atMs, column("outBytes")),
    storedBytes: column("storedBytes").map((bytes) =>
      bytes === null ? null : Math.max(0, bytes - first.storedBytes),
    ),
    cpuPercent: percentOf(ratesPerSecond(atMs, column("cpuMs"))),
    rssBytes: column("rssBytes"),
  };
}

/** Converts the readings of the three nats-servers together. */
export function natsSamples(readings: readonly Reading[]): NatsSamples | null {
  const samples = serviceSamples(readings, ({ nats }) => nats);
  if (samples === null) return null;
  const routeBytes = readings.map(({ nats }) => nats?.routeBytes ?? null);
  return { ...samples, routeBytesPerSecond: ratesPerSecond(times(readings), routeBytes) };
}

export function nginxSamples(readings: readonly Reading[]): NginxSamples | null {
  if (readings.every(({ nginx }) => nginx === null)) return null;
  const atMs = times(readings);
  const cpuMs = readings.map(({ nginx }) => nginx?.cpuMs ?? null);
  return {
    atMs,
    connections: readings.map(({ nginx }) => nginx?.connections ?? null),
    cpuPercent: percentOf(ratesPerSecond(atMs, cpuMs)),
    rssBytes: readings.map(({ nginx }) => nginx?.rssBytes ?? null),
  };
}

/** Converts the load generator's own figures. */
export function loadSamples(readings: readonly Reading[]): LoadRun["samples"] {
  const atMs = times(readings);
  const errors = readings.map(({ load }) =>
    Object.values(load.counts.errors).reduce((sum, count) => sum + count, 0),
  );
  return {
    atMs,
    users: readings.map(({ load }) => load.users),
    connected: readings.map(({ load }) => load.connected),
    cyclesPerSecond: ratesPerSecond(
      atMs,
      readings.map(({ load }) => load.counts.steps.stash),
    ),
    errorsPerSecond: ratesPerSecond(atMs, errors),
    cpuPercent: percentOf(
      ratesPerSecond(
        atMs,
        readings.map(({ labCpuMs }) => labCpuMs),
      ),
    ),
    busiestWorkerPercent: readings.map(({ load }) => round(load.busiestWorkerPercent)),
  };
}
