import type { Frame } from "@live-stash/wire";

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
