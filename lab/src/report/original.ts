import { ADAPTER_NAMES, type AdapterName, type StepName } from "../result.ts";
import { ADAPTER_LOOKS } from "./adapters.ts";

/** p50, p95, p99 in ms. */
export type OriginalTimes = readonly [p50Ms: number, p95Ms: number, p99Ms: number];

/**
 * LiveStash 1.0.1 for Elixir, as measured by this project: Phoenix LiveView 1.2, two clustered nodes
 * behind nginx, 2 cores, TTL 20 s, 2,000 users, 166 cycles per second, a map of 5,121 bytes of JSON.
 */
export interface MeasuredOriginal {
  readonly cpuMsPerCycle: number;
  readonly clientInBytes: number;
  readonly clientOutBytes: number;
  /** Between nodes, or to and from Redis. */
  readonly otherBytes: string | null;
  readonly rssBytes: number;
  readonly storedBytes: number | null;
  /** The state itself, compressed and signed, where the browser keeps it. */
  readonly heldCharacters: number | null;
  /** Its table has no row for the first connect. */
  readonly times: Readonly<Record<StepName, OriginalTimes | null>>;
}

export const MEASURED_ON = "LiveStash 1.0.1 (Elixir), measured on other hardware, 2 cores";

export const MEASURED_ORIGINAL: Readonly<Record<AdapterName, MeasuredOriginal>> = {
  baseline: {
    cpuMsPerCycle: 1.8,
    clientInBytes: 2105,
    clientOutBytes: 2854,
    otherBytes: null,
    rssBytes: 243e6,
    storedBytes: null,
    heldCharacters: null,
    times: {
      firstRender: [1.5, 3.1, 5.9],
      connect: null,
      stash: [0.6, 1.6, 3.5],
      reconnect: [2.3, 4.4, 7.9],
    },
  },
  memory: {
    cpuMsPerCycle: 2.36,
    clientInBytes: 2416,
    clientOutBytes: 3070,
    otherBytes: "2,887 B between nodes",
    rssBytes: 297e6,
    storedBytes: 14_258,
    heldCharacters: null,
    times: {
      firstRender: [1.7, 3.3, 5.4],
      connect: null,
      stash: [0.7, 1.9, 3.9],
      reconnect: [2.9, 5.6, 9.5],
    },
  },
  browser: {
    cpuMsPerCycle: 2.73,
    clientInBytes: 4425,
    clientOutBytes: 4226,
    otherBytes: null,
    rssBytes: 248e6,
    storedBytes: null,
    heldCharacters: 1168,
    times: {
      firstRender: [2.2, 4.2, 7.8],
      connect: null,
      stash: [1.1, 2.6, 5.1],
      reconnect: [3.2, 6.3, 11.8],
    },
  },
  redis: {
    cpuMsPerCycle: 2.82,
    clientInBytes: 2211,
    clientOutBytes: 2976,
    otherBytes: "1,431 B into Redis, 934 B out",
    rssBytes: 246e6,
    storedBytes: 1295,
    heldCharacters: null,
    times: {
      firstRender: [2.6, 5.5, 10.5],
      connect: null,
      stash: [1.3, 3.1, 5.7],
      reconnect: [3.3, 6.3, 10.9],
    },
  },
  nats: {
    cpuMsPerCycle: 3.11,
    clientInBytes: 2199,
    clientOutBytes: 2951,
    otherBytes: "14,371 B between nodes",
    rssBytes: 365e6,
    storedBytes: 14_248,
    heldCharacters: null,
    times: {
      firstRender: [2.6, 6.3, 10.6],
      connect: null,
      stash: [1.4, 4.0, 7.4],
      reconnect: [3.1, 6.8, 11.8],
    },
  },
};

/** Their study's table 3: the same ranges for every adapter, p50 / p95 / p99 as seen by k6. */
export const PUBLISHED_TIMES: Readonly<Record<StepName, string | null>> = {
  firstRender: "3–4 / 4–5 / 5–7 ms",
  connect: null,
  stash: "3–4 / 4–5 / 5–8 ms",
  reconnect: "3–4 / 4–5 / 5–7 ms",
};

export const PUBLISHED_ON =
  "their study: 25,000 users, TTL 5 min, five virtual machines, nodes of 4 cores";

/** Such as "1.8 ms baseline, 2.36 ms ETS": one figure of all that were measured. */
export function listOriginals(read: (original: MeasuredOriginal) => string): string {
  return ADAPTER_NAMES.map(
    (name) => `${read(MEASURED_ORIGINAL[name])} ${ADAPTER_LOOKS[name].original}`,
  ).join(", ");
}
