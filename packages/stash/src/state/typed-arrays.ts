/** The typed arrays that state may hold, by the name under which they are written. */
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

export type TypedArrayName = keyof typeof TYPED_ARRAYS;

export function isTypedArrayName(name: unknown): name is TypedArrayName {
  return typeof name === "string" && Object.hasOwn(TYPED_ARRAYS, name);
}

/** The name of a typed array, or `undefined` for one of a subclass (a `Buffer` for instance). */
export function typedArrayName(array: NodeJS.TypedArray): TypedArrayName | undefined {
  const name: unknown = array[Symbol.toStringTag];
  if (!isTypedArrayName(name)) return undefined;
  return Object.getPrototypeOf(array) === TYPED_ARRAYS[name].prototype ? name : undefined;
}
