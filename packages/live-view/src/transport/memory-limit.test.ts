import { expect, test } from "vitest";
import { HeldBytes } from "./memory-limit.ts";

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("onExceeded is called at once, and again within a tick only for a sixteenth more", async () => {
  const calls: number[] = [];
  const held = new HeldBytes(16_000, () => void calls.push(held.total));
  held.add(16_000);
  expect(calls).toEqual([]);
  for (let count = 0; count < 2002; count++) held.add(1);
  expect(calls).toEqual([16_001, 17_002]);
  await nextTurn();
  // For the bytes that were added since.
  expect(calls).toEqual([16_001, 17_002, 18_002]);
  await nextTurn();
  await nextTurn();
  expect(calls).toHaveLength(3);
  held.add(1);
  expect(calls).toHaveLength(4);
});

test("onExceeded is not called for freed bytes, nor for bytes that it adds itself", async () => {
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
