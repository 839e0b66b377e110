import { decodeTable, encodeTable } from "./table.ts";
import { inspectState, MAX_DEPTH } from "./inspect-state.ts";
import { unreadable } from "../errors.ts";

/** How a state is written: as plain JSON, or as the table that `encodeTable` describes. */
export type TextForm = "json" | "table";

export interface StateText {
  readonly form: TextForm;
  readonly text: string;
}

/**
 * Writes a state as text, or says `too_large` if that cannot be `maxBytes` or less.
 * Rejects with `unsupported_value` what is not data, such as a property on an array. A getter is
 * written as the value that it gives.
 */
export function encodeState(state: object, maxBytes: number): StateText | "too_large" {
  const form = inspectState(state, maxBytes);
  if (form === "too_large") return form;
  return { form, text: form === "json" ? JSON.stringify(state) : encodeTable(state) };
}

/** Reads what `encodeState` wrote; every call gives fresh copies. Rejects with `unreadable_record`. */
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
 * Whether a look at a text is enough to know that `checkJson` finds nothing in what it says: it would
 * visit each value of a long, flat state.
 */
function isHarmless(text: string): boolean {
  if (text.includes("__proto__") || text.includes("\\u")) return false;
  // What is nested so deep begins so many times.
  const left = MAX_DEPTH - countUpTo(text, "{", MAX_DEPTH);
  return countUpTo(text, "[", left) < left;
}

/** How often a character comes in a text; `limit` if that is more often. */
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
    // The syntax error is no cause to keep: its message quotes the text, which is state.
    throw unreadable("JSON");
  }
}

/** `JSON.parse` makes `__proto__` an ordinary key, harmless only until somebody merges it. */
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
