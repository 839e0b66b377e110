import { inspect } from "node:util";
import { cutText } from "../message-text.ts";

/** Longest message of a cause in the log, in UTF-16 units: messages quote what a client sent. */
const MAX_MESSAGE_LENGTH = 2000;
/** Longest stack: it begins with the message, and Node.js keeps 10 frames. */
const MAX_STACK_LENGTH = 8000;
/** Causes of causes that are looked at, and objects within objects. */
const MAX_DEPTH = 5;
/** Most that properties of an error, and values that are no errors, may come to together, in UTF-16 units. */
const MAX_VALUES_LENGTH = 8000;
const MAX_CODE_LENGTH = 200;
/** What a value counts with beside its text. */
const VALUE_LENGTH = 8;

/** What is cut for itself, whatever else there is. */
const OF_EVERY_ERROR = new Set(["name", "message", "stack", "cause", "code"]);

/** What is left for the values of one cause. */
interface Room {
  length: number;
}

/**
 * The cause as a log can print it: itself, unless it is too long or cannot be read. Then it is a copy
 * that is cut: of an error with its name, message, code, stack, cause and own properties.
 */
export function printableCause(cause: unknown): unknown {
  try {
    return bounded(cause, { length: MAX_VALUES_LENGTH }, 0);
  } catch {
    return "a value that throws when it is read";
  }
}

function bounded(value: unknown, room: Room, depth: number): unknown {
  room.length -= VALUE_LENGTH;
  switch (typeof value) {
    case "string": {
      const text = cutText(value, Math.max(0, Math.min(MAX_MESSAGE_LENGTH, room.length)));
      room.length -= text.length;
      return text;
    }
    case "symbol":
      return cutText(String(value), MAX_MESSAGE_LENGTH);
    case "bigint":
      return BigInt.asIntN(256, value) === value ? value : "a bigint of more than 256 bits";
    case "object":
      if (value === null) return value;
      if (depth > MAX_DEPTH || room.length <= 0) return "…";
      return value instanceof Error
        ? boundedError(value, room, depth)
        : boundedObject(value, room, depth);
    default:
      return value;
  }
}

function boundedError(cause: Error, room: Room, depth: number): unknown {
  // Whatever the types say, anybody may assign anything to these.
  const { name, message, stack }: Record<"name" | "message" | "stack", unknown> = {
    name: cause.name,
    message: cause.message,
    stack: cause.stack,
  };
  const inner = depth < MAX_DEPTH ? bounded(cause.cause, room, depth + 1) : undefined;
  const { values, isCut } = boundedValues(cause, room, depth);
  // The first one's have limits of their own.
  if (depth > 0) room.length -= lengthOf(message) + lengthOf(stack);
  const ownCode: unknown = "code" in cause ? cause.code : undefined;
  const code = bounded(ownCode, { length: MAX_CODE_LENGTH }, depth + 1);
  const isFit =
    typeof message === "string" &&
    message.length <= MAX_MESSAGE_LENGTH &&
    (stack === undefined || (typeof stack === "string" && stack.length <= MAX_STACK_LENGTH)) &&
    Object.is(inner, cause.cause) &&
    Object.is(code, ownCode) &&
    !isCut;
  if (isFit) return cause;
  const copy = new Error(cutText(String(message), MAX_MESSAGE_LENGTH));
  if (inner !== undefined) copy.cause = inner;
  if (code !== undefined) define(copy, "code", code, true);
  for (const [key, value] of values) define(copy, key, value, true);
  define(copy, "name", cutText(String(name), 100), false);
  define(copy, "stack", cutText(String(stack), MAX_STACK_LENGTH), false);
  return copy;
}

function boundedObject(object: object, room: Room, depth: number): unknown {
  if (ArrayBuffer.isView(object)) {
    return object.byteLength <= room.length ? object : `${object.byteLength} bytes`;
  }
  if (object instanceof Map || object instanceof Set) {
    const entries = [...object].slice(0, MAX_VALUES_LENGTH);
    const { values, isCut } = boundedValues(entries, room, depth);
    return isCut ? `${object.size} entries: ${inspect(values.map(([, value]) => value))}` : object;
  }
  const { values, isCut } = boundedValues(object, room, depth);
  if (isCut) {
    return Array.isArray(object) ? values.map(([, value]) => value) : Object.fromEntries(values);
  }
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype === Object.prototype || prototype === null || Array.isArray(object)) return object;
  // Such as a URL, which prints what it does not have as a property.
  const text = inspect(object);
  return text.length <= MAX_VALUES_LENGTH ? object : cutText(text, MAX_MESSAGE_LENGTH);
}

/** The own properties that a log would print, cut, and whether any had to be. */
function boundedValues(
  object: object,
  room: Room,
  depth: number,
): { values: [key: string, value: unknown][]; isCut: boolean } {
  const isError = object instanceof Error;
  const keys = Object.keys(object).filter((key) => !isError || !OF_EVERY_ERROR.has(key));
  if (object instanceof AggregateError) keys.push("errors");
  const values: [key: string, value: unknown][] = [];
  let isCut = false;
  for (const key of keys) {
    if (room.length <= 0) {
      values.push(["…", `${keys.length - values.length} more of ${keys.length}`]);
      return { values, isCut: true };
    }
    room.length -= Array.isArray(object) ? 0 : key.length;
    const descriptor = Object.getOwnPropertyDescriptor(object, key);
    // A getter is not called: a log prints that it is one.
    const value: unknown = descriptor?.get === undefined ? descriptor?.value : "[Getter]";
    const cut = bounded(value, room, depth + 1);
    isCut ||= !Object.is(cut, value) || key.length > MAX_MESSAGE_LENGTH;
    values.push([cutText(key, MAX_MESSAGE_LENGTH), cut]);
  }
  return { values, isCut };
}

const lengthOf = (text: unknown): number =>
  typeof text === "string" ? Math.min(text.length, MAX_STACK_LENGTH) : 0;

/** Not by assignment, as a key may be `__proto__`. */
function define(target: object, key: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(target, key, { value, enumerable, configurable: true, writable: true });
}
