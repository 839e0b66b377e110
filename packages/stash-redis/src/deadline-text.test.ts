import { expect, test } from "vitest";
import { deadlineText } from "./deadline-text.ts";

test("a deadline is whole ms, and a number that Redis takes", () => {
  expect(deadlineText(1_800_000_000_000.5)).toBe("1800000000000");
  expect(deadlineText(-5)).toBe("0");
  expect(deadlineText(Infinity)).toBe("4503599627370496");
  expect(deadlineText(Number.MAX_VALUE)).toBe("4503599627370496");
});
