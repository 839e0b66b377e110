export { collectStashMetrics, type StopStashMetrics } from "./metrics/collect-stash-metrics.ts";
export type {
  MirrorFigures,
  MirroringAdapter,
  StashMetricsOptions,
} from "./metrics/metrics-options.ts";
