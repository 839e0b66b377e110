import type { NodeSample } from "../app/node-sample.ts";
import type { NodeRest, NodeRun, NodeSamples, Series } from "../result.ts";
import type { Reading } from "./readings.ts";
import { ratesPerSecond, round } from "./series.ts";

/** Converts one node's samples into the result format. */
export function nodeRun(
  name: string,
  index: number,
  readings: readonly Reading[],
  before: NodeSample,
  after: NodeSample | undefined,
): NodeRun {
  const all = readings.map(({ nodes }) => nodes[index] ?? null);
  return {
    name,
    samples: nodeSamples(
      readings.map(({ atMs }) => round(atMs)),
      all,
    ),
    before: nodeRest(before),
    after: after === undefined ? null : nodeRest(after),
  };
}

function nodeSamples(atMs: readonly number[], all: readonly (NodeSample | null)[]): NodeSamples {
  const now = (key: keyof NodeSample): Series =>
    all.map((sample) => (sample === null ? null : round(sample[key])));
  const perSecond = (key: keyof NodeSample): Series =>
    ratesPerSecond(
      atMs,
      all.map((sample) => sample?.[key] ?? null),
    );
  return {
    atMs,
    views: now("views"),
    sockets: now("sockets"),
    handles: now("handles"),
    timers: now("timers"),
    heapUsedBytes: now("heapUsedBytes"),
    heapTotalBytes: now("heapTotalBytes"),
    externalBytes: now("externalBytes"),
    rssBytes: now("rssBytes"),
    adapterBytes: now("adapterBytes"),
    adapterEntries: now("adapterEntries"),
    clientOutBytesPerSecond: perSecond("clientOutBytes"),
    clientInBytesPerSecond: perSecond("clientInBytes"),
    interNodeOutBytesPerSecond: perSecond("interNodeOutBytes"),
    interNodeInBytesPerSecond: perSecond("interNodeInBytes"),
    cpuPercent: percentOf(perSecond("cpuMs")),
    eventLoopDelayP50Ms: now("eventLoopDelayP50Ms"),
    eventLoopDelayP99Ms: now("eventLoopDelayP99Ms"),
    eventLoopDelayMaxMs: now("eventLoopDelayMaxMs"),
    gcPauseMsPerSecond: perSecond("gcPauseMs"),
    gcPauses: perSecond("gcPauses"),
  };
}

/** Converts ms of CPU per second into percent of one core. */
export const percentOf = (msPerSecond: Series): Series =>
  msPerSecond.map((ms) => (ms === null ? null : round(ms / 10)));

function nodeRest(sample: NodeSample): NodeRest {
  const { views, sockets, handles, timers, heapUsedBytes, externalBytes, rssBytes } = sample;
  const { adapterBytes, adapterEntries } = sample;
  return {
    views,
    sockets,
    handles,
    timers,
    heapUsedBytes,
    externalBytes,
    rssBytes,
    adapterBytes,
    adapterEntries,
  };
}
