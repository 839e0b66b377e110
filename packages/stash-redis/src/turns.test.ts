import { expect, test } from "vitest";
import { createTurns } from "./turns.ts";

test("turns only ever rise, whatever the clock does", () => {
  let nowMs = 1_000;
  const takeTurn = createTurns({ now: () => nowMs });

  expect([takeTurn(), takeTurn()]).toEqual([1_000, 1_001]);
  nowMs = 500;
  expect(takeTurn()).toBe(1_002);
  nowMs = 2_000;
  expect(takeTurn()).toBe(2_000);
});
