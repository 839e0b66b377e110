/** The smallest step between two sizes of slots. */
export const STEP_BYTES = 64;
/** Records above this get a buffer of their own. */
export const MAX_SLOT_BYTES = 65_536;

const FINE_LIMIT_BYTES = 4_096;

/**
 * The size of the slot for a record: steps of 64 bytes up to 4 KiB, then eight steps per doubling,
 * so that at most an eighth is wasted. Above 64 KiB the record's own size.
 */
export function slotBytesFor(recordBytes: number): number {
  if (recordBytes > MAX_SLOT_BYTES) return recordBytes;
  if (recordBytes <= FINE_LIMIT_BYTES) {
    return Math.max(1, Math.ceil(recordBytes / STEP_BYTES)) * STEP_BYTES;
  }
  const step = 2 ** Math.floor(Math.log2(recordBytes - 1)) / 8;
  return Math.ceil(recordBytes / step) * step;
}
