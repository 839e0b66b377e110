import { inspect, types } from "node:util";
import { StashError } from "../errors.ts";

/** The deepest nesting of values, far below the depth at which a recursive walk exhausts the stack. */
export const MAX_DEPTH = 500;

/**
 * The form that a state needs: `json` if `JSON.stringify` encodes all of it and no value is shared,
 * `table` if not; `too_large` if the state cannot fit into the limit in either form.
 */
export type Inspection = "json" | "table" | "too_large";

interface Walk {
  readonly seen: Set<object>;
  readonly path: PathStep[];
  readonly maxBytes: number;
  /** A lower bound of the length of the text, to stop early on a huge state. */
  bytes: number;
  isJson: boolean;
}

/**
 * Inspects every value of a state once.
 * Throws `unsupported_value`, with the path in the message, for a value that is not data.
 */
export function inspectState(state: object, maxBytes: number): Inspection {
  const walk: Walk = { seen: new Set(), path: [], maxBytes, bytes: 0, isJson: true };
  visitObject(walk, state);
  if (walk.bytes > maxBytes) return "too_large";
  return walk.isJson ? "json" : "table";
}

function visit(walk: Walk, value: unknown, step: PathStep): void {
  switch (typeof value) {
    case "string":
      walk.bytes += value.length + 2;
      return;
    case "number":
      walk.bytes += 1;
      if (!Number.isFinite(value) || Object.is(value, -0)) walk.isJson = false;
      return;
    case "boolean":
      walk.bytes += 4;
      return;
    case "undefined":
    case "bigint":
      walk.bytes += 1;
      walk.isJson = false;
      return;
    case "object":
      if (value === null) {
        walk.bytes += 4;
        return;
      }
      walk.path.push(step);
      visitObject(walk, value);
      walk.path.pop();
      return;
    case "function":
      throw unsupported([...walk.path, step], "a function");
    case "symbol":
      throw unsupported([...walk.path, step], "a symbol");
  }
}

function visitObject(walk: Walk, value: object): void {
  if (walk.seen.has(value)) {
    walk.isJson = false;
    return;
  }
  if (walk.path.length > MAX_DEPTH) {
    throw unsupported(walk.path, `a value nested deeper than ${MAX_DEPTH} levels`);
  }
  walk.seen.add(value);
  walk.bytes += 2;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype) visitKeys(walk, value);
  else if (Array.isArray(value) && prototype === Array.prototype) visitArray(walk, value);
  else {
    walk.isJson = false;
    if (prototype === null) visitKeys(walk, value);
    else visitBuiltIn(walk, value, prototype);
  }
}

function visitKeys(walk: Walk, value: object): void {
  refuseSymbols(walk, value, "an object");
  if (Object.hasOwn(value, "__proto__")) {
    throw unsupported([...walk.path, "__proto__"], "a key that names a prototype");
  }
  // Values first: keys are needed only for values that are objects or rejected.
  const values: readonly unknown[] = Object.values(value);
  if (Object.getOwnPropertyNames(value).length !== values.length) {
    throw unsupported([...walk.path, hiddenName(value)], "a property that is not enumerable");
  }
  let keys: readonly string[] | undefined;
  walk.bytes += values.length * 4;
  for (let index = 0; index < values.length; index += 1) {
    const item = values[index];
    if (typeof item === "string") {
      walk.bytes += item.length + 2;
      continue;
    }
    if (walk.bytes > walk.maxBytes) return;
    keys ??= Object.keys(value);
    visit(walk, item, keys[index] ?? "");
  }
}

function visitArray(walk: Walk, array: readonly unknown[]): void {
  // A sparse array can have a length of billions: count the length before the loop.
  walk.bytes += array.length;
  if (walk.bytes > walk.maxBytes) return;
  refuseSymbols(walk, array, "an array");
  // The number of values shows added properties, and is much cheaper than a list of all keys.
  if (Object.values(array).length > array.length) refuseProperty(walk, array, "an array");
  for (let index = 0; index < array.length; index += 1) {
    if (walk.bytes > walk.maxBytes) return;
    const item = array[index];
    if (item === undefined && !Object.hasOwn(array, index)) {
      throw unsupported([...walk.path, index], "a hole in an array: assign undefined there");
    }
    visit(walk, item, index);
  }
}

function visitBuiltIn(walk: Walk, value: object, prototype: unknown): void {
  if (types.isDate(value) && prototype === Date.prototype) {
    return refuseProperties(walk, value, "a Date");
  }
  if (types.isMap(value) && prototype === Map.prototype) {
    refuseProperties(walk, value, "a Map");
    let index = 0;
    for (const [key, item] of value) {
      if (walk.bytes > walk.maxBytes) return;
      visit(walk, key, { text: `.entries[${index}].key` });
      visit(walk, item, { text: `.entries[${index}].value` });
      index += 1;
    }
    return;
  }
  if (types.isSet(value) && prototype === Set.prototype) {
    refuseProperties(walk, value, "a Set");
    let index = 0;
    for (const item of value) {
      if (walk.bytes > walk.maxBytes) return;
      visit(walk, item, { text: `.values[${index}]` });
      index += 1;
    }
    return;
  }
  if (types.isArrayBuffer(value) && prototype === ArrayBuffer.prototype) {
    walk.bytes += value.byteLength;
    return refuseProperties(walk, value, "an ArrayBuffer");
  }
  const name = types.isTypedArray(value) ? typedArrayName(value) : undefined;
  if (name !== undefined && types.isTypedArray(value)) {
    walk.bytes += value.byteLength;
    if (walk.bytes > walk.maxBytes) return;
    refuseSymbols(walk, value, `a ${name}`);
    if (hasProperties(value, name)) refuseProperty(walk, value, `a ${name}`);
    return;
  }
  throw unsupported(walk.path, `an instance of ${className(value)}`);
}

function refuseSymbols(walk: Walk, value: object, kind: string): void {
  if (Object.getOwnPropertySymbols(value).length === 0) return;
  throw unsupported(walk.path, `${kind} with a symbol as key`);
}

/** Rejects added properties of a value whose type has no own properties. */
function refuseProperties(walk: Walk, value: object, kind: string): void {
  refuseSymbols(walk, value, kind);
  if (Object.getOwnPropertyNames(value).length > 0) refuseProperty(walk, value, kind);
}

/** Rejects a value with elements because of its first added property, which the caller knows to exist. */
function refuseProperty(walk: Walk, value: object, kind: string): never {
  const name = Object.getOwnPropertyNames(value).find((key) => key !== "length" && !isIndex(key));
  throw unsupported([...walk.path, name ?? ""], `a property on ${kind}`);
}

const isIndex = (key: string): boolean => /^(?:0|[1-9]\d*)$/.test(key);

/** Up to this many elements, listing all keys is cheaper than `inspect`, which takes some µs. */
const FEW_ELEMENTS = 64;

/** Whether a typed array has properties besides its elements, without visiting the elements. */
function hasProperties(array: NodeJS.TypedArray, name: string): boolean {
  const { length } = array;
  if (length > FEW_ELEMENTS) {
    const text = inspect(array, { customInspect: false, depth: 0, maxArrayLength: 0 });
    if (text === `${name}(${length}) [ ... ${length} more items ]`) return false;
  }
  return Object.keys(array).length !== length;
}

/** Returns the name of the first property that is not enumerable. */
function hiddenName(value: object): string {
  const hidden = Object.getOwnPropertyNames(value).find(
    (key) => !Object.prototype.propertyIsEnumerable.call(value, key),
  );
  return hidden ?? "";
}

function className(value: object): string {
  const constructor: unknown = "constructor" in value ? value.constructor : undefined;
  const name = typeof constructor === "function" ? constructor.name : "";
  return name === "" ? "an unnamed class" : name;
}

function unsupported(path: readonly PathStep[], found: string): StashError {
  return new StashError(
    "unsupported_value",
    `Cannot stash \`${formatPath(path)}\`: expected data (JSON types, undefined, bigint, Date, Map, ` +
      `Set, ArrayBuffer, typed arrays), found ${found}. Keep it out of the stored keys, or turn it ` +
      "into data before assigning it.",
  );
}

/** The typed arrays that a state may contain, by the name in its text. */
export const TYPED_ARRAYS = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
} as const;

type TypedArrayName = keyof typeof TYPED_ARRAYS;

export function isTypedArrayName(name: unknown): name is TypedArrayName {
  return typeof name === "string" && Object.hasOwn(TYPED_ARRAYS, name);
}

/** Returns the name of a typed array; `undefined` for a subclass such as `Buffer`. */
export function typedArrayName(array: NodeJS.TypedArray): TypedArrayName | undefined {
  const name: unknown = array[Symbol.toStringTag];
  if (!isTypedArrayName(name)) return undefined;
  return Object.getPrototypeOf(array) === TYPED_ARRAYS[name].prototype ? name : undefined;
}

/** One step from a container to a value: a key, an index, or a prepared text for `Map` and `Set`. */
type PathStep = string | number | { readonly text: string };

const MAX_SHOWN_STEPS = 12;
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** Formats a path as JavaScript: `cart.items[3].onClick`, `tags.values[2]`. */
function formatPath(steps: readonly PathStep[]): string {
  let path = "";
  for (const step of steps.slice(0, MAX_SHOWN_STEPS)) {
    if (typeof step === "object") path += step.text;
    else if (typeof step === "number") path += `[${step}]`;
    else if (!IDENTIFIER.test(step)) path += `[${JSON.stringify(step)}]`;
    else path += path === "" ? step : `.${step}`;
  }
  return steps.length > MAX_SHOWN_STEPS ? `${path}…` : path;
}
