import type { Frame } from "@live-stash/wire";

/** Most JSON values in one frame: each takes up to `VALUE_BYTES` once it is parsed. */
export const MAX_FRAME_VALUES = 100_000;

/**
 * What one parsed value takes at most, in bytes, beside its text: measured for empty objects, nested
 * lists, and objects of which each has another key (111).
 */
const VALUE_BYTES = 128;

/** Frames this short are not looked through: what they may take at most is little. */
const SHORT_LENGTH = 1024;
/** The most that parsing makes of a character: `[[[[` is 28 bytes a character. */
const MAX_BYTES_PER_CHARACTER = 32;

export interface FrameWeight {
  /** An upper bound of what the parsed frame takes, in bytes. */
  readonly bytes: number;
  /** JSON values in the frame, or a few more than `MAX_FRAME_VALUES`; 0 for short frames. */
  readonly values: number;
}

const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const OPEN_OBJECT = 0x7b;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Estimates what a frame takes once it is parsed, without parsing it. `isAscii`: its text takes half. */
export function weighFrame(text: string, isAscii: boolean): FrameWeight {
  if (text.length <= SHORT_LENGTH) {
    return { bytes: text.length * MAX_BYTES_PER_CHARACTER, values: 0 };
  }
  let values = 0;
  let fields = 0;
  for (let at = 0; at < text.length && values <= MAX_FRAME_VALUES; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        const end = endOfString(text, at);
        fields += fieldsBetween(text, at, end);
        at = end;
        break;
      }
      case COMMA:
      case OPEN_LIST:
      case OPEN_OBJECT:
        values += 1;
    }
  }
  return { bytes: textBytes(text, isAscii) + VALUE_BYTES * (values + fields), values };
}

/** The closing quote of the string that opens at `start`, or the end of the text. */
function endOfString(text: string, start: number): number {
  for (let at = start; ;) {
    at = text.indexOf('"', at + 1);
    if (at === -1) return text.length;
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return at;
  }
}

/** Fields of a form, which travels as one string; no more than it may have are counted. */
function fieldsBetween(text: string, start: number, end: number): number {
  if (end - start <= SHORT_LENGTH) return 0;
  // A part that ends with the string: searched in the whole text, each string costs all that follow it.
  const fields = text.slice(start, end);
  let count = 0;
  for (let at = 0; count <= MAX_FRAME_VALUES; count++) {
    at = fields.indexOf("&", at + 1);
    if (at === -1) break;
  }
  return count;
}

/** What a text takes in memory. */
export const textBytes = (text: string, isAscii: boolean): number =>
  isAscii ? text.length : 2 * text.length;

/** Characters of a frame that hold its head: four names of at most 255 characters, escaped. */
export const HEAD_LENGTH = 4096;

const STRING = String.raw`("(?:[^"\\]|\\.)*"|null)\s*,\s*`;
const HEAD = new RegExp(`^\\s*\\[\\s*${STRING}${STRING}${STRING}${STRING}`);
/** The client writes an event's type and name before its value. */
const EVENT_NAME = /"event"\s*:\s*("(?:[^"\\]|\\.){0,200}")/;

/**
 * Reads what a frame is about from its beginning, for a frame that is too large to be parsed: its
 * payload stays out, but for the name of its event if that comes first.
 */
export function readFrameHead(
  beginning: string,
): { readonly frame: Frame; readonly eventName: string | undefined } | undefined {
  const head = HEAD.exec(beginning);
  if (head === null) return undefined;
  try {
    const parsed = head.slice(1).map((each) => JSON.parse(each) as string | null);
    const [joinRef = null, ref = null, topic, event] = parsed;
    if (typeof topic !== "string" || typeof event !== "string") return undefined;
    const name = EVENT_NAME.exec(beginning.slice(head[0].length))?.[1];
    return {
      frame: { joinRef, ref, topic, event, payload: undefined },
      eventName: name === undefined ? undefined : (JSON.parse(name) as string),
    };
  } catch {
    return undefined;
  }
}
