// Frames may be large: they are weighed before they are parsed, and of a frame that is too large only
// the head is read.
import type { Frame } from "@live-stash/wire";

/** Most JSON values in one frame: parsed, each takes up to `VALUE_BYTES` of memory. */
export const MAX_FRAME_VALUES = 100_000;

/**
 * Most memory of one parsed value in addition to its text, in bytes. Measured: 111 for objects of which
 * each has a key of its own; empty objects and nested lists take less.
 */
const VALUE_BYTES = 128;

/** Frames up to this length are not scanned, because even their maximum is little memory. */
const SHORT_LENGTH = 1024;
/** Most memory of one parsed character, in bytes: `[[[[` takes 28 a character. */
const MAX_BYTES_PER_CHARACTER = 32;

/** The estimated cost of a frame. */
export interface FrameWeight {
  /** An upper bound of the memory that the parsed frame takes, in bytes. */
  readonly bytes: number;
  /** JSON values in the frame, at most a few more than `MAX_FRAME_VALUES`; 0 for short frames. */
  readonly values: number;
}

const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const OPEN_OBJECT = 0x7b;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Estimates the memory of a parsed frame, without parsing it. `isAscii`: the text takes one byte a character. */
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
        fields += countFields(text, at, end);
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

/** Returns the position of the closing quote of the string that opens at `start`, or the text's length. */
function endOfString(text: string, start: number): number {
  for (let at = start; ;) {
    at = text.indexOf('"', at + 1);
    if (at === -1) return text.length;
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return at;
  }
}

/** Counts the fields of a form, which is sent as one string. Stops above the number that a form may have. */
function countFields(text: string, start: number, end: number): number {
  if (end - start <= SHORT_LENGTH) return 0;
  // Sliced, so that the search ends with this string instead of running through all that follow.
  const fields = text.slice(start, end);
  let count = 0;
  for (let at = 0; count <= MAX_FRAME_VALUES; count++) {
    at = fields.indexOf("&", at + 1);
    if (at === -1) break;
  }
  return count;
}

/** Returns the memory that a text takes, in bytes. */
export const textBytes = (text: string, isAscii: boolean): number =>
  isAscii ? text.length : 2 * text.length;

/** Length of the beginning of a frame that contains its head: four names of at most 255 characters, escaped. */
export const HEAD_LENGTH = 4096;

const STRING = String.raw`("(?:[^"\\]|\\.)*"|null)\s*,\s*`;
const HEAD = new RegExp(`^\\s*\\[\\s*${STRING}${STRING}${STRING}${STRING}`);
/** The client writes an event's type and name before its value. */
const EVENT_NAME = /"event"\s*:\s*("(?:[^"\\]|\\.){0,200}")/;

/** The head of a frame: everything but its payload. */
export interface FrameHead {
  /** Its payload is `undefined`. */
  readonly frame: Frame;
  /** The name of the event, if the payload begins with it. */
  readonly eventName: string | undefined;
}

/** Reads the head of a frame that is too large to be parsed, from the frame's beginning. */
export function readFrameHead(beginning: string): FrameHead | undefined {
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
