import { ADAPTER_NAMES, type AdapterName, type StepName } from "../result.ts";
import { ADAPTER_LOOKS } from "./adapters.ts";

/** p50, p95, p99 in ms. */
export type OriginalTimes = readonly [p50Ms: number, p95Ms: number, p99Ms: number];

/**
 * LiveStash 1.0.1 for Elixir, as measured by this project: Phoenix LiveView 1.2.10, OTP 29, a release on
 * two clustered nodes behind nginx, 2 cores, TTL 20 s, 2,000 users, 186 cycles per second, a map of 5,121
 * bytes of JSON.
 */
export interface MeasuredOriginal {
  readonly cpuMsPerCycle: number;
  readonly clientInBytes: number;
  readonly clientOutBytes: number;
  /** Bytes between nodes, or to and from Redis. */
  readonly otherBytes: string | null;
  readonly rssBytes: number;
  readonly storedBytes: number | null;
  /** The length of the browser's token; `null` if it contains no state. */
  readonly heldCharacters: number | null;
  readonly times: Readonly<Record<StepName, OriginalTimes | null>>;
}

export const MEASURED_ON = "LiveStash 1.0.1 (Elixir), measured on other hardware, 2 cores";

export const MEASURED_ORIGINAL: Readonly<Record<AdapterName, MeasuredOriginal>> = {
  baseline: {
    cpuMsPerCycle: 1.07,
    clientInBytes: 1793,
    clientOutBytes: 2884,
    otherBytes: null,
    rssBytes: 391e6,
    storedBytes: null,
    heldCharacters: null,
    times: times([0.3, 0.8, 2.1], [1.3, 2.3, 5.3]),
  },
  memory: {
    cpuMsPerCycle: 1.7,
    clientInBytes: 2123,
    clientOutBytes: 3138,
    otherBytes: "2,876 B between nodes",
    rssBytes: 461e6,
    storedBytes: 14_200,
    heldCharacters: null,
    times: times([0.4, 1.1, 3.7], [1.7, 3.3, 6.8]),
  },
  browser: {
    cpuMsPerCycle: 1.56,
    clientInBytes: 4037,
    clientOutBytes: 4067,
    otherBytes: null,
    rssBytes: 404e6,
    storedBytes: null,
    heldCharacters: 1139,
    times: times([0.5, 1.2, 3.9], [1.6, 3.1, 7.2]),
  },
  redis: {
    cpuMsPerCycle: 1.94,
    clientInBytes: 1867,
    clientOutBytes: 2940,
    otherBytes: "1,238 B into Redis, 880 B out",
    rssBytes: 410e6,
    storedBytes: 1200,
    heldCharacters: null,
    times: times([0.6, 1.8, 4.1], [1.8, 3.7, 7.1]),
  },
  nats: {
    cpuMsPerCycle: 2.45,
    clientInBytes: 1889,
    clientOutBytes: 2973,
    otherBytes: "14,003 B between nodes",
    rssBytes: 571e6,
    storedBytes: 14_200,
    heldCharacters: null,
    times: times([0.7, 2, 5.2], [1.8, 3.7, 8.8]),
  },
};

/** The original's round trips. Those of first renders and first connects were not recorded. */
function times(stash: OriginalTimes, reconnect: OriginalTimes): MeasuredOriginal["times"] {
  return { firstRender: null, connect: null, stash, reconnect };
}

/** Their study's table 3: the same ranges for every adapter, p50 / p95 / p99 as seen by k6. */
export const PUBLISHED_TIMES: Readonly<Record<StepName, string | null>> = {
  firstRender: "3–4 / 4–5 / 5–7 ms",
  connect: null,
  stash: "3–4 / 4–5 / 5–8 ms",
  reconnect: "3–4 / 4–5 / 5–7 ms",
};

export const PUBLISHED_ON =
  "their study: 25,000 users, TTL 5 min, five virtual machines, nodes of 4 cores";

/** Lists one figure of all measured adapters, such as "1.8 ms baseline, 2.36 ms ETS". */
export function listOriginals(read: (original: MeasuredOriginal) => string): string {
  return ADAPTER_NAMES.map(
    (name) => `${read(MEASURED_ORIGINAL[name])} ${ADAPTER_LOOKS[name].original}`,
  ).join(", ");
}
