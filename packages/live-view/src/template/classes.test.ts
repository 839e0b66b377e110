import { expect, test } from "vitest";
import { classes } from "./classes.ts";

test("classes that are on are joined", () => {
  expect(classes("a", false, null, undefined, "", ["b", { c: true, d: false }], { e: null })).toBe(
    "a b c",
  );
  expect(classes()).toBe("");
});
