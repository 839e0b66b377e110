import { types } from "node:util";
import { LiveViewError } from "./errors.ts";

/** Deepest nesting of a value that is sent, far below what exhausts the stack of a walk. */
const MAX_DEPTH = 500;
const MAX_SHOWN_STEPS = 12;
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** The place where a value was given, for errors: `socket.pushEvent("saved")`. */
type Place = readonly [call: string, name?: string | undefined];

interface Walk {
  readonly place: Place;
  /** The containers around the current value, and the key of each below the one before. */
  readonly containers: object[];
  readonly path: (string | number)[];
}

/**
 * Checks that JSON keeps a value, so that it fails where it is given and not when it is sent. An
 * error are bigints, functions, symbols, numbers that are not finite, holes and `undefined` in
 * arrays, properties on arrays, `Map`, `Set`, bytes and others of which JSON keeps nothing, and
 * cycles. A property that is `undefined` is left out; what has a `toJSON`, such as a `Date`, is
 * what that returns.
 * @param root What the value is called in a path, such as `payload`.
 * @throws LiveViewError `invalid_value` with the place and the path.
 */
export function checkJson(place: Place, root: string, value: unknown): void {
  const walk: Walk = { place, containers: [], path: [] };
  if (value === undefined) refuse(walk, root, "undefined");
  visit(walk, root, value);
}

function visit(walk: Walk, step: string | number, value: unknown): void {
  if ((typeof value === "object" && value !== null) || typeof value === "bigint") {
    const { toJSON } = value as { readonly toJSON?: unknown };
    if (typeof toJSON === "function") {
      const converted: unknown = toJSON.call(value, String(step));
      if (converted === null && types.isDate(value)) refuse(walk, step, "an invalid Date");
      if (converted === undefined) refuse(walk, step, "undefined from a toJSON");
      return visitContent(walk, step, converted);
    }
  }
  visitContent(walk, step, value);
}

/** Visits a value as JSON does once its `toJSON`, if any, was called. */
function visitContent(walk: Walk, step: string | number, value: unknown): void {
  switch (typeof value) {
    case "string":
    case "boolean":
    case "undefined":
      return;
    case "number":
      if (Number.isFinite(value)) return;
      return refuse(walk, step, `${value}, which JSON makes null: send null or text`);
    case "bigint":
      return refuse(walk, step, "a bigint: send String(value), or Number(value) if it is small");
    case "function":
      return refuse(walk, step, "a function");
    case "symbol":
      return refuse(walk, step, "a symbol");
    case "object":
      if (value !== null) visitObject(walk, step, value);
  }
}

function visitObject(walk: Walk, step: string | number, value: object): void {
  const { containers, path } = walk;
  if (containers.includes(value)) refuse(walk, step, "a reference to a value that it is part of");
  if (containers.length >= MAX_DEPTH) refuse(walk, step, `more than ${MAX_DEPTH} nested levels`);
  containers.push(value);
  path.push(step);
  if (Array.isArray(value)) visitArray(walk, value);
  else visitKeys(walk, value);
  containers.pop();
  path.pop();
}

function visitArray(walk: Walk, array: readonly unknown[]): void {
  // Elements without holes, and properties.
  if (Object.values(array).length > array.length || hasSymbols(array)) {
    refuseHere(walk, "an array with properties beside its elements, which JSON leaves out");
  }
  for (let index = 0; index < array.length; index += 1) {
    const item = array[index];
    if (item === undefined) {
      const found = Object.hasOwn(array, index) ? "undefined" : "a hole";
      refuse(walk, index, `${found} in an array, which JSON makes null: send null`);
    }
    visit(walk, index, item);
  }
}

function visitKeys(walk: Walk, value: object): void {
  const prototype: unknown = Object.getPrototypeOf(value);
  const isPlain = prototype === Object.prototype || prototype === null;
  if (!isPlain && isKeptByNothing(value)) {
    refuseHere(walk, `an instance of ${classOf(value)}: send the data that it holds`);
  }
  if (hasSymbols(value)) refuseHere(walk, "an object with a symbol as key, which JSON leaves out");
  const record = value as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(value)) visit(walk, key, record[key]);
}

/** Whether JSON keeps nothing of an instance of a class, or only what is beside its content. */
function isKeptByNothing(value: object): boolean {
  if (types.isBoxedPrimitive(value)) {
    return types.isBigIntObject(value) || types.isSymbolObject(value);
  }
  return (
    types.isMap(value) ||
    types.isSet(value) ||
    types.isNativeError(value) ||
    types.isPromise(value) ||
    ArrayBuffer.isView(value) ||
    types.isAnyArrayBuffer(value) ||
    Object.keys(value).length === 0
  );
}

/** Symbols that are not enumerable are marks of libraries, not content. */
const hasSymbols = (value: object): boolean =>
  Object.getOwnPropertySymbols(value).some((symbol) =>
    Object.prototype.propertyIsEnumerable.call(value, symbol),
  );

function classOf(value: object): string {
  const constructor: unknown = "constructor" in value ? value.constructor : undefined;
  const name = typeof constructor === "function" ? constructor.name : "";
  return name === "" ? "an unnamed class" : name;
}

function refuseHere(walk: Walk, found: string): never {
  const step = walk.path.pop();
  return refuse(walk, step ?? "", found);
}

function refuse({ place, path }: Walk, step: string | number, found: string): never {
  const [call, name] = place;
  const named = name === undefined ? "…" : JSON.stringify(name.slice(0, 80));
  throw new LiveViewError(
    "invalid_value",
    `${call}(${named}): expected values that JSON can carry, found ${found}, at ` +
      `\`${formatPath([...path, step])}\`.`,
  );
}

function formatPath(steps: readonly (string | number)[]): string {
  let path = "";
  for (const step of steps.slice(0, MAX_SHOWN_STEPS)) {
    if (typeof step === "number") path += `[${step}]`;
    else if (!IDENTIFIER.test(step)) path += `[${JSON.stringify(step.slice(0, 80))}]`;
    else path += path === "" ? step : `.${step}`;
  }
  return steps.length > MAX_SHOWN_STEPS ? `${path}…` : path;
}
