import { hash } from "node:crypto";
import { encodeState, type StateText } from "./state-text.ts";
import { StashError } from "../errors.ts";

/** The stored keys of a view as they were at one moment. */
export interface CapturedState extends StateText {
  /** Equal if, and only if, the state's text is. */
  readonly fingerprint: string;
}

/** Reads state from assigns, and the parts of records that depend on it. */
export interface Capture {
  /**
   * Takes a picture of the stored keys that the assigns have.
   * Rejects with `unsupported_value` or `state_too_large`.
   */
  capture(assigns: object): CapturedState;
  /** The text as UTF-8, valid until the next call of either function. */
  bytesOf(state: StateText): Uint8Array;
}

/** `maxStateBytes` limits the state's text before compression. */
export function createCapture(storedKeys: readonly string[], maxStateBytes: number): Capture {
  const toBytes = createTextBytes(maxStateBytes);

  const bytesOf = (state: StateText): Uint8Array | undefined => toBytes(state.text);

  return {
    capture(assigns) {
      const state = pick(assigns, storedKeys);
      const written = encodeState(state, maxStateBytes);
      const bytes = written === "too_large" ? undefined : bytesOf(written);
      if (written === "too_large" || bytes === undefined) throw tooLarge(state, maxStateBytes);
      return { form: written.form, text: written.text, fingerprint: fingerprintOf(bytes) };
    },
    bytesOf(state) {
      const bytes = bytesOf(state);
      if (bytes !== undefined) return bytes;
      throw new StashError(
        "state_too_large",
        `Expected a state of at most ${maxStateBytes} bytes.`,
      );
    },
  };
}

/** Equal for two texts, or their UTF-8, if, and only if, the texts are. */
export function fingerprintOf(text: string | Uint8Array): string {
  return hash("sha256", text, "base64url");
}

/** The declared keys that `source` has as its own, and nothing else. */
export function pick(source: object, keys: readonly string[]): Record<string, unknown> {
  const record = source as Readonly<Record<string, unknown>>;
  const picked: Record<string, unknown> = {};
  for (const key of keys) if (Object.hasOwn(record, key)) picked[key] = record[key];
  return picked;
}

/** The three largest stored keys, by the size of their text, as a sentence. Never their values. */
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

/** Above this, a buffer is made for one text and let go. */
const MAX_KEPT_BYTES = 65_536;

/**
 * Turns texts into UTF-8 in memory that is used again and again: making a buffer for each text
 * takes longer than everything else that is done with it. The bytes are valid until the next call;
 * `undefined` says that they would be more than `maxBytes`.
 */
function createTextBytes(maxBytes: number): (text: string) => Uint8Array | undefined {
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
