const LENGTH_BYTES = 4;

/**
 * Texts as one sequence of bytes, each after its length, so that no two lists of texts run together
 * into the same bytes. For what a MAC or a cipher is bound to.
 */
export function lengthPrefixed(parts: readonly string[]): Buffer {
  let length = 0;
  for (const part of parts) length += LENGTH_BYTES + Buffer.byteLength(part);
  const bytes = Buffer.allocUnsafe(length);
  let at = 0;
  for (const part of parts) {
    const written = bytes.write(part, at + LENGTH_BYTES);
    bytes.writeUInt32BE(written, at);
    at += LENGTH_BYTES + written;
  }
  return bytes;
}
