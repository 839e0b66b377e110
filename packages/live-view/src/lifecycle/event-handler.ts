import { cutText } from "../message-text.ts";
import { LiveViewError } from "../errors.ts";
import type { EventValue, Socket } from "./socket.ts";

/**
 * Handles one event. What it returns is ignored; to answer a client hook call `socket.reply`.
 * The reply to the client waits for the promise, if one is returned.
 */
export type EventHandler<Assigns extends object, Message = unknown> = (
  socket: Socket<Assigns, Message>,
  value: EventValue,
) => unknown;

/** The part of the Standard Schema interface (zod, valibot, arktype, …) that is used here. */
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
 * A handler whose value was checked by a schema, and has the schema's type.
 *
 * ```ts
 * handleEvent: { add: withSchema(z.object({ amount: z.coerce.number() }), (socket, { amount }) => …) }
 * ```
 *
 * A value that does not fit crashes the view with `invalid_event_value`: a page of ours does not
 * send one. For what a person typed into a form, validate in the handler and show the problem.
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
        `view "${socket.view.name}": an event's value does not fit its schema: ` +
          cutText(result.issues.map((issue) => issue.message).join("; "), 500),
      );
    }
    await handler(socket, result.value);
  };
}

/** An event of the page that was too large to be read. */
export interface RefusedEvent {
  /** Its name, where that could be read. Not trusted. */
  readonly event: string | undefined;
  /** The size of its frame in bytes, or the least that it had. */
  readonly bytes: number;
  /** The limit in bytes: `limits.maxFrameBytes`. */
  readonly maxBytes: number;
}

/** Tells a person, for views without `handleTooLarge`. */
export function tooLargeText({ bytes, maxBytes }: RefusedEvent): string {
  if (bytes <= maxBytes) return "What you sent has too many parts. It was not taken.";
  const megabytes = (each: number): string => (each / 1_000_000).toFixed(1);
  return (
    `What you sent is too large (${megabytes(bytes)} MB, at most ${megabytes(maxBytes)} MB). ` +
    "It was not taken."
  );
}
