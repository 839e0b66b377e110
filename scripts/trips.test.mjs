import { expect, it } from "vitest";
import { noteEntries } from "./trips/noted-functions.mjs";

/**
 * @param {string} source Plain JavaScript that ends with an expression.
 * @returns {unknown[]} What it evaluates to, and the files that were noted meanwhile.
 */
function evaluate(source) {
  /** @type {string[]} */
  const noted = [];
  const globals = /** @type {{ noteEntry?: ((file: string) => void) | undefined }} */ (globalThis);
  globals.noteEntry = (file) => void noted.push(file);
  try {
    // oxlint-disable-next-line no-eval -- the code is this test's own
    return [(0, eval)(noteEntries(source, "a.ts")), noted.length];
  } finally {
    globals.noteEntry = undefined;
  }
}

it.each([
  ["a function declaration", "function two() { return 2; } two()", 2, 1],
  ["an arrow function with an expression", "((x) => x + 1)(1)", 2, 1],
  ["an arrow function in an arrow function", "((x) => (y) => x + y)(1)(1)", 2, 2],
  ["an arrow function that returns an object", "(() => ({ a: 2 }))().a", 2, 1],
  [
    "a method, a getter and a constructor",
    "new (class { constructor() { this.a = 1; } get b() { return this.c(); } c() { return this.a + 1; } })().b",
    2,
    3,
  ],
  ["a function that is never called", "(() => 1, 2)", 2, 0],
])("each entry of %s is noted, and it still works", (_title, source, value, entries) => {
  expect(evaluate(source)).toEqual([value, entries]);
});
