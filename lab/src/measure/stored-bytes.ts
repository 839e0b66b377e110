/** What was stored at one moment. */
export interface Stored {
  readonly bytes: number;
  readonly entries: number;
}

/** So many entries have to come and go, or noise is all that there is. */
const LEAST_RANGE = 20;

/**
 * By how much each entry makes the store grow: the slope of the line that fits best, so that what a
 * store takes anyway, such as buffers of connections, does not count. `null` if that cannot be told.
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
