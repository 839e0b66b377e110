import { expect, it } from "vitest";
import { relativeClauses } from "./check-comments.mjs";

it.each([
  "/** What a view keeps. */",
  "/**\n * Whoever waits is notified.\n */",
  "  /** So long it is kept, in ms. */",
  "/** How often a node asks. */",
  "/** Until when it lives. */",
])("a doc comment that opens with a relative clause is found: %j", (comment) => {
  expect(relativeClauses(`const a = 1;\n${comment}\nconst b = 2;`)).toMatchObject([{ line: 2 }]);
});

it.each([
  "/** The time for which it is kept, in ms. */",
  "/** Returns what the store answered. */",
  "/** Whether the stash is kept. */",
  "// What follows is a plain comment.",
  "/** {@link stash} */",
  "/** Whatsoever */",
])("another comment is not found: %j", (comment) => {
  expect(relativeClauses(comment)).toEqual([]);
});
