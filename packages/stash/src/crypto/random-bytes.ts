import { randomFillSync } from "node:crypto";

const POOL_BYTES = 4_096;

let pool = Buffer.alloc(0);
let used = 0;

/**
 * Random bytes, of which nobody else gets any. Drawn many at once: asking the system takes longer than
 * anything that is done with 12 of them.
 */
export function randomBytes(count: number): Buffer {
  if (used + count > pool.length) {
    pool = randomFillSync(Buffer.allocUnsafeSlow(Math.max(POOL_BYTES, count)));
    used = 0;
  }
  const bytes = Buffer.from(pool.subarray(used, used + count));
  // What has been given away is not to be found in here.
  pool.fill(0, used, used + count);
  used += count;
  return bytes;
}
