/** A place at which a value has the wrong shape; `at` is such as "runs[1].durationMs". */
export interface ShapeMismatch {
  readonly at: string;
  readonly expected: string;
  readonly found: string;
}

/** Finds the first mismatch in an untrusted value; returns `null` if there is none. */
export type Shape = (value: unknown, at: string) => ShapeMismatch | null;

export type ShapeFields = Readonly<Record<string, Shape>>;

export const text: Shape = kind("a string", (value) => typeof value === "string");
export const flag: Shape = kind("true or false", (value) => typeof value === "boolean");
export const number: Shape = kind("a finite number", (value) => Number.isFinite(value));

export function oneOf(allowed: readonly string[]): Shape {
  return kind(`one of ${allowed.join(", ")}`, (value) =>
    allowed.some((candidate) => candidate === value),
  );
}

export function nullable(shape: Shape): Shape {
  return (value, at) => (value === null ? null : shape(value, at));
}

/** A field that may be missing. */
export function optional(shape: Shape): Shape {
  return (value, at) => (value === undefined ? null : shape(value, at));
}

export function list(shape: Shape): Shape {
  return (value, at) => {
    if (!Array.isArray(value)) return { at, expected: "a list", found: describe(value) };
    return firstMismatch(value.map((item: unknown, index) => [`${at}[${index}]`, item, shape]));
  };
}

/** An object with any field names, whose values all have one shape. */
export function mapOf(shape: Shape): Shape {
  return (value, at) => {
    if (!isRecord(value)) return { at, expected: "an object", found: describe(value) };
    return firstMismatch(
      Object.entries(value).map(([name, item]) => [join(at, name), item, shape]),
    );
  };
}

/** An object with at least these fields. */
export function fields(shapes: ShapeFields): Shape {
  return (value, at) => {
    if (!isRecord(value)) return { at, expected: "an object", found: describe(value) };
    return firstMismatch(
      Object.entries(shapes).map(([name, shape]) => [join(at, name), value[name], shape]),
    );
  };
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function kind(expected: string, isRight: (value: unknown) => boolean): Shape {
  return (value, at) => (isRight(value) ? null : { at, expected, found: describe(value) });
}

function firstMismatch(
  parts: readonly (readonly [at: string, value: unknown, shape: Shape])[],
): ShapeMismatch | null {
  for (const [at, value, shape] of parts) {
    const mismatch = shape(value, at);
    if (mismatch !== null) return mismatch;
  }
  return null;
}

function join(at: string, name: string): string {
  return at === "" ? name : `${at}.${name}`;
}

export function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  return JSON.stringify(value).slice(0, 60);
}
