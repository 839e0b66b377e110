import { expect, test } from "vitest";
import { createCrashGuard } from "./crash-guard.ts";

test("the crash guard trips at its limit, for one view and session, until a minute has passed", () => {
  let nowMs = 0;
  const guard = createCrashGuard(3, () => nowMs);
  for (let count = 0; count < 2; count++) guard.note("a", "s");
  expect(guard.isTripped("a", "s")).toBe(false);
  guard.note("a", "s");
  expect(guard.isTripped("a", "s")).toBe(true);
  expect(guard.isTripped("b", "s")).toBe(false);
  expect(guard.isTripped("a", "t")).toBe(false);
  nowMs = 60_000;
  expect(guard.isTripped("a", "s")).toBe(false);
});

test("the crash guard keeps a bounded number of entries", () => {
  const guard = createCrashGuard(1, () => 0);
  guard.note("a", "first");
  for (let index = 0; index < 10_000; index++) guard.note("a", `s${index}`);
  expect(guard.isTripped("a", "first")).toBe(false);
  expect(guard.isTripped("a", "s9999")).toBe(true);
});
