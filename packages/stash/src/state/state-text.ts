import { decodeTable, encodeTable } from "./table.ts";
import { inspectState, MAX_DEPTH } from "./inspect-state.ts";
import { unreadable } from "../errors.ts";

/** The form of a state text: plain JSON, or the table that `encodeTable` describes. */
export type TextForm = "json" | "table";

/** A state as text. */
export interface StateText {
  readonly form: TextForm;
  readonly text: string;
}

/**
 * Encodes a state as text; returns `too_large` if the text cannot fit into `maxBytes`. A getter is
 * encoded as the value that it returns.
 * Throws a `StashError` with `unsupported_value` for a value that is not data, such as a function.
 */
export function encodeState(state: object, maxBytes: number): StateText | "too_large" {
  const form = inspectState(state, maxBytes);
  if (form === "too_large") return form;
  return { form, text: form === "json" ? JSON.stringify(state) : encodeTable(state) };
}

/** Decodes the text of `encodeState`; every call returns new objects. Throws `unreadable_record`. */
export function decodeState({ form, text }: StateText): object {
  const parsed = parseJson(text);
  if (form === "table") return decodeTable(parsed);
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw unreadable("an object at the top");
  }
  if (!isHarmless(text)) checkJson(parsed, 0);
  return parsed;
}

/**
 * Whether a text scan already proves that `checkJson` would find nothing. The scan is much faster for a
 * long, flat state, because `checkJson` visits each value.
 */
function isHarmless(text: string): boolean {
  if (text.includes("__proto__") || text.includes("\\u")) return false;
  // Nesting deeper than MAX_DEPTH takes more opening brackets than that.
  const left = MAX_DEPTH - countUpTo(text, "{", MAX_DEPTH);
  return countUpTo(text, "[", left) < left;
}

/** Counts a character in a text, up to `limit`. */
function countUpTo(text: string, character: string, limit: number): number {
  let count = 0;
  for (let at = text.indexOf(character); at >= 0 && count < limit; count += 1) {
    at = text.indexOf(character, at + 1);
  }
  return count;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Without the syntax error as cause, because its message quotes the text, which is state.
    throw unreadable("JSON");
  }
}

/** Rejects `__proto__`, which `JSON.parse` makes an ordinary key: merging it would set a prototype. */
function checkJson(value: object, depth: number): void {
  if (depth > MAX_DEPTH) throw unreadable(`at most ${MAX_DEPTH} nested levels`);
  if (Object.hasOwn(value, "__proto__")) throw unreadable("a usable key");
  for (const item of Array.isArray(value) ? value : Object.values(value)) {
    if (typeof item === "object" && item !== null) checkJson(item as object, depth + 1);
  }
}

/** Returns the listed keys that `source` has as its own. */
export function pick(source: object, keys: readonly string[]): Record<string, unknown> {
  const record = source as Readonly<Record<string, unknown>>;
  const picked: Record<string, unknown> = {};
  for (const key of keys) if (Object.hasOwn(record, key)) picked[key] = record[key];
  return picked;
}
