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

/** Longest ref, topic or event name that a frame may carry, in UTF-16 units. */
export const MAX_NAME_LENGTH = 255;

const isRef = (value: unknown): value is string | null =>
  value === null || (typeof value === "string" && value.length <= MAX_NAME_LENGTH);

const isName = (value: unknown): value is string =>
  typeof value === "string" && value.length <= MAX_NAME_LENGTH;

/**
 * Reads a text frame.
 * @returns `undefined` if the text is not JSON or not a frame: also for numeric refs, which the
 * official client never sends and which would break its matching of replies.
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

/** Writes a text frame. The payload must be JSON. */
export function encodeFrame(
  joinRef: string | null,
  ref: string | null,
  topic: string,
  event: string,
  payload: unknown,
): string {
  return JSON.stringify([joinRef, ref, topic, event, payload]);
}

/** Writes the reply to a push: same join_ref, ref and topic, event `phx_reply`. */
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
