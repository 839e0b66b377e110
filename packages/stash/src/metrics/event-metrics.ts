import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { Counter, Histogram, type Registry } from "prom-client";
import {
  CHANNELS,
  type ErrorEvent,
  type KeepAliveEvent,
  type OperationEvent,
  type PeerLookupEvent,
} from "../channels.ts";
import { NAMES } from "./names.ts";

const DURATION_BUCKETS_SECONDS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
];
const SIZE_BUCKETS_BYTES = [128, 512, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304];

/** The most operations that wait to be counted, so that memory stays bounded between two scrapes. */
const MAX_UNCOUNTED = 128;

/**
 * Counts the events of the diagnostics channels until the returned function is called.
 *
 * Operations are counted in batches, at a scrape or when enough wait: counted one by one, between other
 * work of the server, each would take several times as long.
 */
export function countEvents(register: Registry): () => void {
  const registers = [register];
  let uncounted: OperationEvent[] = [];
  const countAll = (): void => {
    const events = uncounted;
    uncounted = [];
    for (const { operation, adapter, status, durationMs, bytes } of events) {
      operations.inc({ operation, adapter, status });
      durations.observe({ operation, adapter }, durationMs / 1000);
      if (bytes !== undefined) sizes.observe({ adapter }, bytes);
    }
  };
  const operations = new Counter({
    name: NAMES.operations,
    help: "Calls of stash, recoverState and resetStash that have settled.",
    labelNames: ["operation", "adapter", "status"],
    registers,
    collect: countAll,
  });
  const durations = new Histogram({
    name: NAMES.durations,
    help: "Time from the call to its result.",
    labelNames: ["operation", "adapter"],
    buckets: DURATION_BUCKETS_SECONDS,
    registers,
    collect: countAll,
  });
  const sizes = new Histogram({
    name: NAMES.sizes,
    help: "Size of saved records, compressed.",
    labelNames: ["adapter"],
    buckets: SIZE_BUCKETS_BYTES,
    registers,
    collect: countAll,
  });
  const errors = new Counter({
    name: NAMES.errors,
    help: "Failures, including those in the background.",
    labelNames: ["operation", "adapter", "code"],
    registers,
  });
  const keptAlive = new Counter({
    name: NAMES.keptAlive,
    help: "Stashes of connected views whose deadline was extended (kept) or not (lost).",
    labelNames: ["adapter", "outcome"],
    registers,
  });
  const peerLookups = new Histogram({
    name: NAMES.peerLookups,
    help: "Time to find a stash on other nodes, by the place where it was found.",
    labelNames: ["source"],
    buckets: DURATION_BUCKETS_SECONDS,
    registers,
  });

  const onOperation = (message: unknown): void => {
    uncounted.push(message as OperationEvent);
    if (uncounted.length >= MAX_UNCOUNTED) countAll();
  };
  const onKeepAlive = (message: unknown): void => {
    const { adapter, count, kept } = message as KeepAliveEvent;
    keptAlive.inc({ adapter, outcome: "kept" }, kept);
    keptAlive.inc({ adapter, outcome: "lost" }, count - kept);
  };
  const onError = (message: unknown): void => {
    const { operation, adapter, code } = message as ErrorEvent;
    errors.inc({ operation, adapter, code });
  };
  const onPeerLookup = (message: unknown): void => {
    const { source, durationMs } = message as PeerLookupEvent;
    peerLookups.observe({ source }, durationMs / 1000);
  };
  subscribe(CHANNELS.operation, onOperation);
  subscribe(CHANNELS.keepAlive, onKeepAlive);
  subscribe(CHANNELS.error, onError);
  subscribe(CHANNELS.peerLookup, onPeerLookup);
  return () => {
    unsubscribe(CHANNELS.operation, onOperation);
    unsubscribe(CHANNELS.keepAlive, onKeepAlive);
    unsubscribe(CHANNELS.error, onError);
    unsubscribe(CHANNELS.peerLookup, onPeerLookup);
  };
}
