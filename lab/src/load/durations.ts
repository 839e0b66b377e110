import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram,
} from "hdr-histogram-js";
import type { Times } from "../result.ts";

const MICROSECONDS = 1_000;
const LONGEST_MS = 120_000;

/** A histogram of durations from 1 µs to 2 minutes, with three significant digits. */
export class Durations {
  readonly #histogram: Histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: LONGEST_MS * MICROSECONDS,
    numberOfSignificantValueDigits: 3,
  });

  add(ms: number): void {
    const clamped = Math.min(Math.max(ms, 0), LONGEST_MS);
    this.#histogram.recordValue(Math.round(clamped * MICROSECONDS));
  }

  /** Adds the durations that another thread has encoded. */
  merge(encoded: string): void {
    this.#histogram.add(decodeFromCompressedBase64(encoded));
  }

  encode(): string {
    return encodeIntoCompressedBase64(this.#histogram);
  }

  summary(): Times {
    const histogram = this.#histogram;
    const count = histogram.totalCount;
    const at = (percentile: number): number =>
      count === 0 ? 0 : histogram.getValueAtPercentile(percentile) / MICROSECONDS;
    return {
      count,
      meanMs: count === 0 ? 0 : histogram.mean / MICROSECONDS,
      p50Ms: at(50),
      p95Ms: at(95),
      p99Ms: at(99),
      maxMs: count === 0 ? 0 : histogram.maxValue / MICROSECONDS,
    };
  }
}
