import { types } from "node:util";
import { LiveViewError } from "./errors.ts";

/** Deepest nesting of a value that is sent: far below the depth at which a recursive walk overflows the stack. */
const MAX_DEPTH = 500;
/** Steps of a path that an error shows. */
const MAX_SHOWN_STEPS = 12;
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** The call that was passed a value, for errors: `socket.pushEvent("saved")`. */
type Place = readonly [call: string, name?: string | undefined];

interface Walk {
  readonly place: Place;
  /** The objects and arrays around the current value, outermost first. */
  readonly containers: object[];
  /** The keys that lead to the innermost of them. */
  readonly path: (string | number)[];
}

/**
 * Checks that JSON preserves a value, so that the call that passes the value fails, and not its later
 * encoding. Rejects bigints, functions, symbols, numbers that are not finite, holes and `undefined` in
 * arrays, properties on arrays, cycles, and instances that JSON would empty, such as `Map`, `Set` and
 * bytes. Accepts a property that is `undefined`, which JSON omits, and a value with a `toJSON`, such as
 * a `Date`, if JSON preserves the result.
 * @param root The name of the value in a path, such as `payload`.
 * @throws LiveViewError `invalid_value` with the call and the path.
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

/** Visits a value after its `toJSON`, if any, was called. */
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
  if (containers.includes(value)) refuse(walk, step, "a reference to a value that contains it");
  if (containers.length >= MAX_DEPTH) refuse(walk, step, `more than ${MAX_DEPTH} nested levels`);
  containers.push(value);
  path.push(step);
  if (Array.isArray(value)) visitArray(walk, value);
  else visitKeys(walk, value);
  containers.pop();
  path.pop();
}

function visitArray(walk: Walk, array: readonly unknown[]): void {
  // The elements that are not holes, and the properties.
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
  if (!isPlain && isEmptiedByJson(value)) {
    refuseHere(walk, `an instance of ${classOf(value)}: send its data`);
  }
  if (hasSymbols(value)) refuseHere(walk, "an object with a symbol as key, which JSON leaves out");
  const record = value as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(value)) visit(walk, key, record[key]);
}

/** Whether JSON would drop the content of an instance of a class. */
function isEmptiedByJson(value: object): boolean {
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

/** Whether an object has content under symbols. Libraries mark objects with symbols that are not enumerable. */
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
