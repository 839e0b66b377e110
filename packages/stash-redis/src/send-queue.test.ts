import { expect, test } from "vitest";
import { SendQueue } from "./send-queue.ts";

test("the queue rejects runs above maxQueueLength", () => {
  const queue = new SendQueue(2, 1_000);
  queue.enter(1);
  expect(queue.errorIfFull("save", 1)).toBeUndefined();
  queue.enter(1);
  expect(queue.errorIfFull("save", 1)).toMatchObject({
    code: "adapter_unavailable",
    message: expect.stringContaining("2 commands (maxQueueLength)") as string,
  });
  queue.leave(1);
  expect(queue.errorIfFull("save", 1)).toBeUndefined();
});

test("the queue rejects runs above maxQueueBytes, unless it is empty", () => {
  const queue = new SendQueue(10, 1_000);
  expect(queue.errorIfFull("save", 5_000)).toBeUndefined();
  queue.enter(400);
  expect(queue.errorIfFull("save", 600)).toBeUndefined();
  expect(queue.errorIfFull("save", 601)).toMatchObject({
    message: expect.stringContaining("1000 bytes (maxQueueBytes)") as string,
  });
});

test("whenEmpty() resolves when the last run has left the queue", async () => {
  const queue = new SendQueue(10, 1_000);
  await queue.whenEmpty();
  queue.enter(1);
  let isEmpty = false;
  const emptied = queue.whenEmpty().then(() => (isEmpty = true));
  await Promise.resolve();
  expect(isEmpty).toBe(false);
  queue.leave(1);
  await emptied;
});
