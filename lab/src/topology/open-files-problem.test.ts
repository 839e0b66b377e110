import { expect, test } from "vitest";
import { openFilesProblem } from "./open-files-problem.ts";

const limits = (soft: number): string => `Limit                     Soft Limit
Max processes             96000                96000                processes
Max open files            ${soft}                 1048576              files
`;

test("the limit on open files must allow two for each connection, and a margin", () => {
  expect(openFilesProblem(1_000, limits(2_500))).toBeUndefined();
  expect(openFilesProblem(1_001, limits(2_500))).toMatch(/need 2502 open files.*ulimit -n 2502/);
});

test("a system without /proc has no problem with open files", () => {
  expect(openFilesProblem(1_000_000, "")).toBeUndefined();
});
