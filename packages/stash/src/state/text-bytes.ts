/** Above this, a buffer is made for one text and let go. */
const MAX_KEPT_BYTES = 65_536;

/**
 * Turns texts into UTF-8 in memory that is used again and again: making a buffer for each text
 * takes longer than everything else that is done with it. The bytes are valid until the next call;
 * `undefined` says that they would be more than `maxBytes`.
 */
export function createTextBytes(maxBytes: number): (text: string) => Uint8Array | undefined {
  const encoder = new TextEncoder();
  let kept = new Uint8Array(0);
  let last: { readonly text: string; readonly bytes: Uint8Array } | undefined;

  return (text) => {
    // A state is captured and, as a rule, written at once: the second time is free.
    if (last?.text === text) return last.bytes;
    last = undefined;
    if (text.length > maxBytes) return undefined;
    // A UTF-16 unit takes at most three bytes of UTF-8.
    const wanted = Math.min(text.length * 3, maxBytes);
    let target = kept;
    if (target.length < wanted) {
      target = new Uint8Array(
        wanted > MAX_KEPT_BYTES ? wanted : Math.min(wanted * 2, MAX_KEPT_BYTES),
      );
      if (target.length <= MAX_KEPT_BYTES) kept = target;
    }
    const { read, written } = encoder.encodeInto(text, target);
    // What is kept may be larger than the limit, so both must hold.
    if (read < text.length || written > maxBytes) return undefined;
    const bytes = target.subarray(0, written);
    if (target === kept) last = { text, bytes };
    return bytes;
  };
}
