import { listOf, type Template } from "./template.ts";

/**
 * The value of a hole as it was when first printed. An array is copied then, because the
 * application may change it in place until the next render, which is compared with this one.
 */
export function settledValue({ values }: Template, index: number): unknown {
  const value = values[index];
  if (typeof value !== "object" || !Array.isArray(value)) return value;
  const list = listOf(value);
  values[index] = list;
  return list;
}
