/**
 * A node's figures at one moment. Bytes, CPU and pauses count since the node's start, the event loop's
 * delay since the previous sample.
 */
export interface NodeSample {
  readonly views: number;
  readonly sockets: number;
  readonly handles: number;
  readonly timers: number;
  readonly heapUsedBytes: number;
  readonly heapTotalBytes: number;
  readonly externalBytes: number;
  readonly rssBytes: number;
  readonly adapterBytes: number;
  readonly adapterEntries: number;
  readonly clientInBytes: number;
  readonly clientOutBytes: number;
  readonly interNodeInBytes: number;
  readonly interNodeOutBytes: number;
  readonly cpuMs: number;
  readonly eventLoopDelayP50Ms: number;
  readonly eventLoopDelayP99Ms: number;
  readonly eventLoopDelayMaxMs: number;
  readonly gcPauseMs: number;
  readonly gcPauses: number;
}
