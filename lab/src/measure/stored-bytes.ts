/** The bytes and entries in a store at one moment. */
export interface Stored {
  readonly bytes: number;
  readonly entries: number;
}

/** With a smaller range of entries, the slope is mostly noise. */
const LEAST_RANGE = 20;

/**
 * Computes the bytes by which each entry makes a store grow. This is the slope of the line that fits
 * best, so that memory such as connection buffers does not count. `null` with too few entries.
 */
export function bytesPerEntry(moments: readonly Stored[]): number | null {
  const entries = moments.map((moment) => moment.entries);
  if (Math.max(...entries) - Math.min(...entries) < LEAST_RANGE) return null;
  const meanEntries = mean(entries);
  const meanBytes = mean(moments.map(({ bytes }) => bytes));
  let covariance = 0;
  let variance = 0;
  for (const moment of moments) {
    covariance += (moment.entries - meanEntries) * (moment.bytes - meanBytes);
    variance += (moment.entries - meanEntries) ** 2;
  }
  return variance === 0 ? null : covariance / variance;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
