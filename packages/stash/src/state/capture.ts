import { hash } from "node:crypto";
import { StashError } from "../errors.ts";
import { decodeState, encodeState, pick, type TextForm } from "./state-text.ts";

/** The stored keys of a view at one moment, as the bytes of their text. */
export interface CapturedState {
  readonly form: TextForm;
  /** The text as UTF-8. */
  readonly bytes: Buffer;
  /** Equal for two states if, and only if, their texts are. */
  readonly fingerprint: string;
}

/**
 * Captures the stored keys that the assigns have. Throws `unsupported_value`, or `state_too_large` if
 * their text is larger than the limit.
 */
export type Capture = (assigns: object) => CapturedState;

/** Creates the capture for one list of stored keys. `maxStateBytes` limits the text before compression. */
export function createCapture(storedKeys: readonly string[], maxStateBytes: number): Capture {
  const toBytes = createTextEncoder();
  return (assigns) => {
    const state = pick(assigns, storedKeys);
    const written = encodeState(state, maxStateBytes);
    // A character takes at least one byte: a text with more characters than that is not encoded.
    if (written === "too_large" || written.text.length > maxStateBytes) {
      throw tooLarge(state, maxStateBytes);
    }
    const bytes = toBytes(written.text);
    if (bytes.length > maxStateBytes) throw tooLarge(state, maxStateBytes);
    return { form: written.form, bytes, fingerprint: fingerprintOf(bytes) };
  };
}

/** The bytes of several states share a chunk, because allocating 5 KB takes 2 µs longer than writing into one. */
const CHUNK_BYTES = 65_536;

/** Creates a function that encodes texts as UTF-8. */
function createTextEncoder(): (text: string) => Buffer {
  let chunk = Buffer.alloc(0);
  let used = 0;

  return (text) => {
    // A UTF-16 code unit takes at most three bytes of UTF-8.
    const most = text.length * 3;
    if (most > CHUNK_BYTES / 2) return Buffer.from(text);
    if (used + most > chunk.length) {
      chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
      used = 0;
    }
    const bytes = chunk.subarray(used, used + chunk.write(text, used));
    used += bytes.length;
    return bytes;
  };
}

/** Returns a copy of the stored keys that were captured. */
export function restoreCaptured({ form, bytes }: CapturedState): object {
  return decodeState({ form, text: bytes.toString() });
}

/** The hash of a state's text, or of the text's UTF-8. */
export function fingerprintOf(text: string | Uint8Array): string {
  return hash("sha256", text, "base64url");
}

/** Names the three largest stored keys, by the size of their text, in a sentence. Never shows their values. */
export function largestKeysOf(state: object, maxBytes = Infinity): string {
  const sizes = Object.entries(state).map(([key, value]: [string, unknown]) => {
    const written = encodeState({ value }, maxBytes);
    return { key, bytes: written === "too_large" ? Infinity : Buffer.byteLength(written.text) };
  });
  const largest = sizes
    .sort((one, other) => other.bytes - one.bytes || 0)
    .slice(0, 3)
    .map(({ key, bytes }) => `${key} (${bytes === Infinity ? `over ${maxBytes}` : bytes} bytes)`);
  return `The largest stored keys: ${largest.join(", ")}.`;
}

function tooLarge(state: object, maxBytes: number): StashError {
  return new StashError(
    "state_too_large",
    `Cannot stash: expected a state of at most ${maxBytes} bytes before compression, found more. ` +
      `${largestKeysOf(state, maxBytes)} Store less, or raise maxStateBytes.`,
  );
}
