import { expect, test } from "vitest";
import { SendQueue } from "./send-queue.ts";

test("so many commands wait, and no more", () => {
  const queue = new SendQueue(2, 1_000);
  queue.enter(1);
  expect(queue.refusal("save", 1)).toBeUndefined();
  queue.enter(1);
  expect(queue.refusal("save", 1)).toMatchObject({
    code: "adapter_unavailable",
    message: expect.stringContaining("2 commands (maxQueueLength)") as string,
  });
  queue.leave(1);
  expect(queue.refusal("save", 1)).toBeUndefined();
});

test("so many bytes wait, save that one command always may", () => {
  const queue = new SendQueue(10, 1_000);
  expect(queue.refusal("save", 5_000)).toBeUndefined();
  queue.enter(400);
  expect(queue.refusal("save", 600)).toBeUndefined();
  expect(queue.refusal("save", 601)).toMatchObject({
    message: expect.stringContaining("1000 bytes (maxQueueBytes)") as string,
  });
});

test("who waits for it to be empty is told", async () => {
  const queue = new SendQueue(10, 1_000);
  await queue.whenEmpty();
  queue.enter(1);
  let isTold = false;
  const told = queue.whenEmpty().then(() => (isTold = true));
  await Promise.resolve();
  expect(isTold).toBe(false);
  queue.leave(1);
  await told;
});
