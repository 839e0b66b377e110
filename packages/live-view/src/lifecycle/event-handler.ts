import { LiveViewError } from "../errors.ts";
import { cutText } from "../message-text.ts";
import type { EventValue, Socket } from "./socket.ts";

/**
 * Handles one event. If the handler returns a promise, the reply to the client waits for it; any
 * other return value is ignored. To answer a client hook, call `socket.reply`.
 */
export type EventHandler<Assigns extends object, Message = unknown> = (
  socket: Socket<Assigns, Message>,
  value: EventValue,
) => unknown;

/** The part of the Standard Schema interface (zod, valibot, arktype, …) that `withSchema` uses. */
export interface EventSchema<Output> {
  readonly "~standard": {
    readonly version: 1;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
  };
}

type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string }[] };

/**
 * Wraps a handler so that a schema checks the event's value first, and gives the value its type.
 *
 * ```ts
 * handleEvent: { add: withSchema(z.object({ amount: z.coerce.number() }), (socket, { amount }) => …) }
 * ```
 *
 * A value that does not fit crashes the view with `invalid_event_value`, because no page of the
 * application sends one. For input that a user typed, validate in the handler and show the problem.
 */
export function withSchema<Output, Assigns extends object, Message = unknown>(
  schema: EventSchema<Output>,
  handler: (socket: Socket<Assigns, Message>, value: Output) => unknown,
): EventHandler<Assigns, Message> {
  return async (socket, value) => {
    const result = await schema["~standard"].validate(value);
    if (result.issues !== undefined) {
      throw new LiveViewError(
        "invalid_event_value",
        `view "${socket.view.name}": expected a value that fits the event's schema, found issues: ` +
          cutText(result.issues.map((issue) => issue.message).join("; "), 500),
      );
    }
    await handler(socket, result.value);
  };
}

/** An event that the server refused because it is too large. */
export interface RefusedEvent {
  /** The name of the event, if it could be read. Not trusted. */
  readonly event: string | undefined;
  /** The size of its frame in bytes, or a lower bound of it. */
  readonly bytes: number;
  /** The limit in bytes, `limits.maxFrameBytes`. */
  readonly maxBytes: number;
}

/** Returns the flash message for the user of a view without `handleTooLarge`. */
export function tooLargeText({ bytes, maxBytes }: RefusedEvent): string {
  if (bytes <= maxBytes) return "What you sent has too many parts. It was not processed.";
  const megabytes = (each: number): string => (each / 1_000_000).toFixed(1);
  return (
    `What you sent is too large (${megabytes(bytes)} MB, at most ${megabytes(maxBytes)} MB). ` +
    "It was not processed."
  );
}
