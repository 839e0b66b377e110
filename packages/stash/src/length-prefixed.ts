/**
 * Texts as one sequence of bytes, each after its length, so that no two lists of texts run together
 * into the same bytes. For what a MAC or a cipher is bound to.
 */
export function lengthPrefixed(parts: readonly string[]): Buffer {
  const lengths = parts.map((part) => Buffer.byteLength(part));
  const bytes = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + 4 + length, 0));
  let at = 0;
  parts.forEach((part, index) => {
    at = bytes.writeUInt32BE(lengths[index] ?? 0, at);
    at += bytes.write(part, at);
  });
  return bytes;
}
