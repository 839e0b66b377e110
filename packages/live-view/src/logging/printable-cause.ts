import { inspect } from "node:util";
import { cutText } from "../message-text.ts";

/** Longest message of a cause in the log, in UTF-16 units: messages may quote a client. */
const MAX_MESSAGE_LENGTH = 2000;
/** Longest stack, in UTF-16 units: the message, and 10 frames, the default of Node.js. */
const MAX_STACK_LENGTH = 8000;
/** Deepest level of causes of causes, and of objects within objects, that is printed. */
const MAX_DEPTH = 5;
/** Longest text of all properties and nested values of one cause together, in UTF-16 units. */
const MAX_VALUES_LENGTH = 8000;
/** Longest `code` of an error, in UTF-16 units. */
const MAX_CODE_LENGTH = 200;
/** UTF-16 units counted for each value in addition to its text: quotes, commas and brackets. */
const VALUE_LENGTH = 8;

/** Properties of an error that have limits of their own. */
const OWN_LIMITS = new Set(["name", "message", "stack", "cause", "code"]);

/** The UTF-16 units left for the values of one cause. */
interface Budget {
  length: number;
}

/**
 * Makes a cause safe to print: returns the cause itself, or a shortened copy if it is too long or throws
 * when read. The copy of an error has the name, message, code, stack, cause and own properties.
 */
export function printableCause(cause: unknown): unknown {
  try {
    return bounded(cause, { length: MAX_VALUES_LENGTH }, 0);
  } catch {
    return "a value that throws when it is read";
  }
}

function bounded(value: unknown, budget: Budget, depth: number): unknown {
  budget.length -= VALUE_LENGTH;
  switch (typeof value) {
    case "string": {
      const text = cutText(value, Math.max(0, Math.min(MAX_MESSAGE_LENGTH, budget.length)));
      budget.length -= text.length;
      return text;
    }
    case "symbol":
      return cutText(String(value), MAX_MESSAGE_LENGTH);
    case "bigint":
      return BigInt.asIntN(256, value) === value ? value : "a bigint of more than 256 bits";
    case "object":
      if (value === null) return value;
      if (depth > MAX_DEPTH || budget.length <= 0) return "…";
      return value instanceof Error
        ? boundedError(value, budget, depth)
        : boundedObject(value, budget, depth);
    default:
      return value;
  }
}

function boundedError(cause: Error, budget: Budget, depth: number): unknown {
  // Whatever the types say, these may have been assigned any value.
  const { name, message, stack }: Record<"name" | "message" | "stack", unknown> = {
    name: cause.name,
    message: cause.message,
    stack: cause.stack,
  };
  const inner = depth < MAX_DEPTH ? bounded(cause.cause, budget, depth + 1) : undefined;
  const { values, isCut } = boundedValues(cause, budget, depth);
  // The message and the stack of the outermost error have limits of their own.
  if (depth > 0) budget.length -= lengthOf(message) + lengthOf(stack);
  const ownCode: unknown = "code" in cause ? cause.code : undefined;
  const code = bounded(ownCode, { length: MAX_CODE_LENGTH }, depth + 1);
  const isShort =
    typeof message === "string" &&
    message.length <= MAX_MESSAGE_LENGTH &&
    (stack === undefined || (typeof stack === "string" && stack.length <= MAX_STACK_LENGTH)) &&
    Object.is(inner, cause.cause) &&
    Object.is(code, ownCode) &&
    !isCut;
  if (isShort) return cause;
  const copy = new Error(cutText(String(message), MAX_MESSAGE_LENGTH));
  if (inner !== undefined) copy.cause = inner;
  if (code !== undefined) define(copy, "code", code, true);
  for (const [key, value] of values) define(copy, key, value, true);
  define(copy, "name", cutText(String(name), 100), false);
  define(copy, "stack", cutText(String(stack), MAX_STACK_LENGTH), false);
  return copy;
}

function boundedObject(object: object, budget: Budget, depth: number): unknown {
  if (ArrayBuffer.isView(object)) {
    return object.byteLength <= budget.length ? object : `${object.byteLength} bytes`;
  }
  if (object instanceof Map || object instanceof Set) {
    const entries = [...object].slice(0, MAX_VALUES_LENGTH);
    const { values, isCut } = boundedValues(entries, budget, depth);
    return isCut ? `${object.size} entries: ${inspect(values.map(([, value]) => value))}` : object;
  }
  const { values, isCut } = boundedValues(object, budget, depth);
  if (isCut) {
    return Array.isArray(object) ? values.map(([, value]) => value) : Object.fromEntries(values);
  }
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype === Object.prototype || prototype === null || Array.isArray(object)) return object;
  // A URL, for example, prints more than its own properties.
  const text = inspect(object);
  return text.length <= MAX_VALUES_LENGTH ? object : cutText(text, MAX_MESSAGE_LENGTH);
}

/** Lists the own properties that a log would print, shortened, and whether any had to be. */
function boundedValues(
  object: object,
  budget: Budget,
  depth: number,
): { values: [key: string, value: unknown][]; isCut: boolean } {
  const isError = object instanceof Error;
  const keys = Object.keys(object).filter((key) => !isError || !OWN_LIMITS.has(key));
  if (object instanceof AggregateError) keys.push("errors");
  const values: [key: string, value: unknown][] = [];
  let isCut = false;
  for (const key of keys) {
    if (budget.length <= 0) {
      values.push(["…", `${keys.length - values.length} more of ${keys.length}`]);
      return { values, isCut: true };
    }
    budget.length -= Array.isArray(object) ? 0 : key.length;
    const descriptor = Object.getOwnPropertyDescriptor(object, key);
    // A getter is not called: a log prints only that it is one.
    const value: unknown = descriptor?.get === undefined ? descriptor?.value : "[Getter]";
    const cut = bounded(value, budget, depth + 1);
    isCut ||= !Object.is(cut, value) || key.length > MAX_MESSAGE_LENGTH;
    values.push([cutText(key, MAX_MESSAGE_LENGTH), cut]);
  }
  return { values, isCut };
}

const lengthOf = (text: unknown): number =>
  typeof text === "string" ? Math.min(text.length, MAX_STACK_LENGTH) : 0;

/** Defines a property. An assignment would set the prototype if the key is `__proto__`. */
function define(target: object, key: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(target, key, { value, enumerable, configurable: true, writable: true });
}
