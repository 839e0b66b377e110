import { hash } from "node:crypto";

/** HMAC-SHA-256 of the parts, one after the other, under a key that it has: 32 bytes. */
export type Mac = (...parts: readonly Uint8Array[]) => Buffer;

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;
/** Room for most messages; it grows to that of the longest. */
const FIRST_MESSAGE_BYTES = 448;

/**
 * A MAC with a key of at most 64 bytes, as RFC 2104 makes it of two hashes. Node's `createHmac` gives
 * the same, and first looks up its algorithm by name and makes a stream for each: that takes twice as
 * long as both hashes, where code runs now and then. What is hashed lies in memory of its own, not in
 * Node's pool of buffers, as the key is a part of it.
 */
export function createMac(key: Uint8Array): Mac {
  let inner = padded(key, INNER_PAD, FIRST_MESSAGE_BYTES);
  const outer = padded(key, OUTER_PAD, DIGEST_BYTES);

  return (...parts) => {
    let end = BLOCK_BYTES;
    for (const part of parts) end += part.length;
    if (end > inner.length) inner = padded(key, INNER_PAD, end - BLOCK_BYTES);
    let at = BLOCK_BYTES;
    for (const part of parts) {
      inner.set(part, at);
      at += part.length;
    }
    outer.set(hash("sha256", inner.subarray(0, end), "buffer"), BLOCK_BYTES);
    return hash("sha256", outer, "buffer");
  };
}

/** The key, filled up to a block of the hash, and room for what is hashed after it. */
function padded(key: Uint8Array, pad: number, roomBytes: number): Uint8Array {
  if (key.length > BLOCK_BYTES) throw new RangeError("A key of a MAC is longer than a block.");
  const bytes = new Uint8Array(BLOCK_BYTES + roomBytes);
  bytes.set(key);
  for (let index = 0; index < BLOCK_BYTES; index += 1) bytes[index] = (bytes[index] ?? 0) ^ pad;
  return bytes;
}
