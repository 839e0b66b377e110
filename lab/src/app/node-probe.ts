import {
  type IntervalHistogram,
  monitorEventLoopDelay,
  PerformanceObserver,
} from "node:perf_hooks";
import type { NodeSample } from "./node-sample.ts";

/** The figures that only the application can provide. */
export type ApplicationFigures = Pick<
  NodeSample,
  | "views"
  | "sockets"
  | "adapterBytes"
  | "adapterEntries"
  | "clientInBytes"
  | "clientOutBytes"
  | "interNodeInBytes"
  | "interNodeOutBytes"
>;

/** Reads this process's figures. */
export interface NodeProbe {
  /** Reads all figures now. */
  sample(): NodeSample;
  /** Reads them after a garbage collection. @throws Error without `--expose-gc`. */
  sampleAtRest(): NodeSample;
}

/** The histogram measures from tick to tick: this much of each value is no delay. */
const RESOLUTION_MS = 10;

const delayMs = (nanoseconds: number): number =>
  Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS) : 0;

/** Starts watching this process's event loop and garbage collection. */
export function createNodeProbe(application: () => ApplicationFigures): NodeProbe {
  const loop: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  loop.enable();
  const gc = { pauseMs: 0, pauses: 0 };
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      gc.pauseMs += duration;
      gc.pauses += 1;
    }
  }).observe({ entryTypes: ["gc"] });

  const sample = (): NodeSample => {
    const resources = process.getActiveResourcesInfo();
    const timers = resources.filter((kind) => kind === "Timeout").length;
    const memory = process.memoryUsage();
    const cpu = process.cpuUsage();
    const figures: NodeSample = {
      ...application(),
      handles: resources.length - timers,
      timers,
      heapUsedBytes: memory.heapUsed,
      heapTotalBytes: memory.heapTotal,
      externalBytes: memory.external,
      rssBytes: memory.rss,
      cpuMs: (cpu.user + cpu.system) / 1000,
      eventLoopDelayP50Ms: delayMs(loop.percentile(50)),
      eventLoopDelayP99Ms: delayMs(loop.percentile(99)),
      eventLoopDelayMaxMs: delayMs(loop.max),
      gcPauseMs: gc.pauseMs,
      gcPauses: gc.pauses,
    };
    loop.reset();
    return figures;
  };
  return {
    sample,
    sampleAtRest() {
      if (globalThis.gc === undefined) {
        throw new Error("sampleAtRest(): expected node to run with --expose-gc, got no gc().");
      }
      globalThis.gc();
      return sample();
    },
  };
}
