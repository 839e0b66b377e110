/**
 * One Phoenix text frame, `[join_ref, ref, topic, event, payload]`. Refs are decimal strings from
 * one counter of the client's socket, or null; they are echoed byte for byte, never converted.
 */
export interface Frame {
  readonly joinRef: string | null;
  readonly ref: string | null;
  readonly topic: string;
  readonly event: string;
  readonly payload: unknown;
}

/** The longest ref, topic or event name of a frame, in UTF-16 code units. */
export const MAX_NAME_LENGTH = 255;

const isRef = (value: unknown): value is string | null =>
  value === null || (typeof value === "string" && value.length <= MAX_NAME_LENGTH);

const isName = (value: unknown): value is string =>
  typeof value === "string" && value.length <= MAX_NAME_LENGTH;

/**
 * Decodes a text frame.
 * @returns `undefined` if the text is not JSON or not a frame. A numeric ref is invalid: the official
 * client never sends one, and could not match a reply to it.
 */
export function decodeFrame(text: string): Frame | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(parsed) || parsed.length !== 5) return undefined;
  const [joinRef, ref, topic, event, payload] = parsed as unknown[];
  if (!isRef(joinRef) || !isRef(ref) || !isName(topic) || !isName(event)) return undefined;
  return { joinRef, ref, topic, event, payload };
}

/** Encodes a text frame. The payload must be JSON. */
export function encodeFrame(
  joinRef: string | null,
  ref: string | null,
  topic: string,
  event: string,
  payload: unknown,
): string {
  return JSON.stringify([joinRef, ref, topic, event, payload]);
}

/** Encodes the reply to a push, with the same join_ref, ref and topic, and the event `phx_reply`. */
export function encodeReply(
  request: Pick<Frame, "joinRef" | "ref" | "topic">,
  status: "ok" | "error",
  response: object,
): string {
  return encodeFrame(request.joinRef, request.ref, request.topic, "phx_reply", {
    status,
    response,
  });
}
