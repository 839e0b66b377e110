/** Says what a value is, and what to do instead of printing it, without showing its content. */
export function describeValue(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  switch (typeof value) {
    case "function":
      return "a function: call it, or print its result";
    case "symbol":
      return "a symbol: print its description";
    case "object":
      return describeObject(value);
    default:
      return `a ${typeof value}`;
  }
}

function describeObject(value: object): string {
  if (value instanceof Promise) return "a Promise: await it in the handler and assign its result";
  if (value instanceof Date) return "a Date: format it, for instance with toLocaleString(locale)";
  const name = (value.constructor as { name?: unknown } | undefined)?.name;
  return typeof name === "string" && name !== "Object"
    ? `an instance of ${name}: print one of its properties`
    : "an object: print one of its properties";
}
