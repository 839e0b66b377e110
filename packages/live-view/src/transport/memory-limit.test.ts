import { expect, test } from "vitest";
import { HeldBytes } from "./memory-limit.ts";

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("room is made at once when too much is held, and within a turn only for a sixteenth more", async () => {
  const calls: number[] = [];
  const held = new HeldBytes(16_000, () => void calls.push(held.total));
  held.add(16_000);
  expect(calls).toEqual([]);
  for (let count = 0; count < 2002; count++) held.add(1);
  expect(calls).toEqual([16_001, 17_002]);
  await nextTurn();
  // What was added since.
  expect(calls).toEqual([16_001, 17_002, 18_002]);
  await nextTurn();
  await nextTurn();
  expect(calls).toHaveLength(3);
  held.add(1);
  expect(calls).toHaveLength(4);
});

test("no room is made for what is let go, nor for what is held while room is made", async () => {
  let calls = 0;
  const held = new HeldBytes(100, () => {
    calls += 1;
    held.add(500);
    held.add(-900);
  });
  held.add(600);
  expect(calls).toBe(1);
  held.add(-50);
  await nextTurn();
  expect([calls, held.total]).toEqual([1, 150]);
});
