import { expect, test } from "vitest";
import { timeToLive } from "./time-to-live.ts";

test("what is left until the deadline, never less than nothing, and a number that Redis takes", () => {
  expect(timeToLive(1_500, 1_000)).toBe("500");
  expect(timeToLive(1_000, 1_000)).toBe("0");
  expect(timeToLive(0, 1_000)).toBe("0");
  expect(timeToLive(Infinity, 1_000)).toBe(String(2 ** 52));
});
