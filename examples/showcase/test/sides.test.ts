import { expect, test } from "vitest";
import { bothSides, changeSide, parseSide } from "../src/sides.ts";

const addOne = ({ count }: { count: number }): { count: number } => ({ count: count + 1 });

test("while both sides are the same, a change of one is a change of both", () => {
  const sides = { kept: { count: 1 }, lost: { count: 1 } };

  expect(changeSide(sides, "lost", addOne)).toEqual(bothSides({ count: 2 }));
});

test("once they differ, each goes its own way", () => {
  const sides = { kept: { count: 5 }, lost: { count: 0 } };

  expect(changeSide(sides, "kept", addOne)).toEqual({ kept: { count: 6 }, lost: { count: 0 } });
  expect(changeSide(sides, "lost", addOne)).toEqual({ kept: { count: 5 }, lost: { count: 1 } });
});

test("a side that a page made up is the kept one", () => {
  expect(["lost", "kept", "both", undefined, { lost: 1 }].map(parseSide)).toEqual([
    "lost",
    "kept",
    "kept",
    "kept",
    "kept",
  ]);
});
