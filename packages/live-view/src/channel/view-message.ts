import {
  CLEAR_FLASH_EVENT,
  decodeFrame,
  type EventPayload,
  FormLimitError,
  type Frame,
  isJsonObject,
  parseEventPayload,
} from "@live-stash/wire";
import { LiveViewError } from "../errors.ts";
import type { RefusedEvent } from "../lifecycle/event-handler.ts";
import type { Tick } from "../lifecycle/view-socket.ts";
import { quoteText } from "../message-text.ts";
import { textBytes } from "./large-frames.ts";

/** A message that a view's mailbox keeps and its channel handles. */
export type ViewMessage = ParsedMessage | WaitingFrame;

/** A message that is ready to be handled. */
export type ParsedMessage =
  | ReceivedFrame
  /** An event that was too large to be parsed; `frame` is its head, if it is to be answered. */
  | { readonly kind: "refused"; readonly frame: Frame | undefined; readonly event: RefusedEvent }
  /** A function that the view runs when it is idle. */
  | { readonly kind: "task"; readonly run: () => Promise<unknown> }
  /** A message that the view sent itself, or a timer's tick. */
  | { readonly kind: "info"; readonly message: unknown; readonly tick: Tick | undefined }
  /** A change made outside of any handler is to be sent. */
  | { readonly kind: "flush" };

/** A parsed frame of the client, with the memory that is counted while it is handled, in bytes. */
export interface ReceivedFrame {
  readonly kind: "join" | "event" | "live_patch";
  readonly frame: Frame;
  readonly bytes: number;
}

/** A frame that waits. It is kept as text, because parsed it may be 32 times as large. */
export interface WaitingFrame {
  readonly kind: "waiting";
  readonly source: FrameSource;
  readonly received: "event" | "live_patch";
  readonly bytes: number;
}

/** The text of a frame, and the memory that it takes once it is parsed, in bytes. */
export interface FrameSource {
  readonly text: string;
  readonly isAscii: boolean;
  readonly bytes: number;
}

/** Memory of a waiting frame in addition to its text, in bytes. */
const WAITING_BYTES = 256;

/** Whether a message is the view's own: it does not count against its client. */
export const isOwnMessage = ({ kind }: ViewMessage): boolean =>
  kind === "info" || kind === "flush" || kind === "task";

/** Creates the message of a frame that waits. */
export const waitingFrame = (
  received: "event" | "live_patch",
  source: FrameSource,
): WaitingFrame => ({
  kind: "waiting",
  source,
  received,
  bytes: textBytes(source.text, source.isAscii) + WAITING_BYTES,
});

/** Parses a frame that waited. */
export function parseWaiting({ source, received }: WaitingFrame): ReceivedFrame {
  const frame = decodeFrame(source.text);
  if (frame === undefined) throw new Error("a frame that was parsed once cannot be parsed again");
  return { kind: received, frame, bytes: source.bytes };
}

/**
 * Parses the payload of an event.
 * @throws LiveViewError if it is malformed, its form is too large, or it is for a component.
 */
export function parseEvent(payload: unknown): EventPayload {
  const event = readEvent(payload);
  if (event === undefined) {
    throw new LiveViewError(
      "invalid_event_value",
      "expected an event with a name, found another payload.",
    );
  }
  if (event.cid !== undefined && event.event !== CLEAR_FLASH_EVENT) {
    throw new LiveViewError(
      "unknown_event",
      `the event ${quoteName(event.event)} is for component ${event.cid}, but views have no ` +
        "components. Remove the number from `phx-target` or from the `target` of `js.push`.",
    );
  }
  return event;
}

function readEvent(payload: unknown): EventPayload | undefined {
  try {
    return parseEventPayload(payload);
  } catch (cause) {
    if (!(cause instanceof FormLimitError) || !isJsonObject(payload)) throw cause;
    throw new LiveViewError(
      "form_too_large",
      `the form of the event ${quoteName(payload.event)} was not handled. ${cause.message}`,
      { cause },
    );
  }
}

/** Quotes the name of an event for an error, and bounds it, because a client chooses it. */
const quoteName = (event: unknown): string => quoteText(String(event));
