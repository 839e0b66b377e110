/** How long the text of that many bytes can be, without padding. */
export function maxBase64urlCharacters(maxBytes: number): number {
  return Math.ceil((maxBytes * 4) / 3);
}

/**
 * The bytes of a text in base64url, or `undefined` if it is none or of more than `maxBytes`. Any
 * bytes have one spelling: no padding, no other alphabet, no bits after the last whole byte.
 */
export function decodeBase64url(text: string, maxBytes: number): Buffer | undefined {
  if (text.length > maxBase64urlCharacters(maxBytes)) return undefined;
  const bytes = Buffer.from(text, "base64url");
  return bytes.toString("base64url") === text ? bytes : undefined;
}
