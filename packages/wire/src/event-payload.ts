import { decodeForm, parseFieldName } from "./form.ts";
import { isJsonObject, type JsonObject } from "./record.ts";

/** The payload of an `event` push: a click, a key, a form or a hook's push. */
export interface EventPayload {
  readonly event: string;
  /** The value. Forms are decoded and merged with `meta`; their `_target` is a path. */
  readonly value: JsonObject;
  /** The component that the event is for; absent means the view itself. */
  readonly cid: number | undefined;
}

function formValue(encoded: string, meta: unknown): JsonObject {
  const value: Record<string, unknown> = decodeForm(encoded);
  if (!isJsonObject(meta)) return value;
  for (const [key, entry] of Object.entries(meta)) {
    if (key === "_target") {
      if (typeof entry === "string" && entry !== "undefined") {
        value._target = parseFieldName(entry).filter((part) => part !== "");
      }
    } else {
      value[key] = entry;
    }
  }
  return value;
}

/**
 * Parses the payload of an `event` push; returns `undefined` for any other value.
 * @throws FormLimitError for a form above the limits of `decodeForm`.
 */
export function parseEventPayload(payload: unknown): EventPayload | undefined {
  if (!isJsonObject(payload) || typeof payload.event !== "string") return undefined;
  const cid = typeof payload.cid === "number" ? payload.cid : undefined;
  if (payload.type === "form" && typeof payload.value === "string") {
    return { event: payload.event, value: formValue(payload.value, payload.meta), cid };
  }
  const value = isJsonObject(payload.value)
    ? payload.value
    : payload.value === null || payload.value === undefined
      ? {}
      : { value: payload.value };
  return { event: payload.event, value, cid };
}
