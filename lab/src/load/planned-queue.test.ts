import { expect, test } from "vitest";
import { PlannedQueue } from "./planned-queue.ts";
import { createRandom } from "@live-stash/test-servers/random";

test("the queue runs functions in the order of their planned times, with those times", async () => {
  const queue = new PlannedQueue(() => 1_000);
  const random = createRandom(7);
  const times = Array.from({ length: 500 }, () => random.below(900));
  const ran: number[] = [];
  await new Promise<void>((resolve) => {
    for (const atMs of times) queue.add(atMs, (each) => ran.push(each));
    queue.add(1_000, () => resolve());
  });
  expect(ran).toEqual(times.toSorted((a, b) => a - b));
});

test("the queue runs a function that another one has planned", async () => {
  const queue = new PlannedQueue(() => 100);
  const ran: string[] = [];
  await new Promise<void>((resolve) => {
    queue.add(50, () => {
      ran.push("first");
      queue.add(10, () => {
        ran.push("second");
        resolve();
      });
    });
  });
  expect(ran).toEqual(["first", "second"]);
});

test("the queue lets the event loop run between overdue functions", async () => {
  const queue = new PlannedQueue(() => 100);
  const ran: string[] = [];
  await new Promise<void>((resolve) => {
    for (let index = 0; index < 100; index += 1) {
      queue.add(1, () => {
        if (ran.length === 0) setImmediate(() => ran.push("other"));
        ran.push("overdue");
      });
    }
    queue.add(2, () => resolve());
  });
  const other = ran.indexOf("other");
  expect(other).toBeGreaterThan(0);
  expect(other).toBeLessThan(100);
  expect(ran).toHaveLength(101);
});

test("the queue runs nothing after clear()", async () => {
  const queue = new PlannedQueue(() => 100);
  const ran: string[] = [];
  queue.add(1, () => ran.push("cleared"));
  queue.clear();
  await new Promise<void>((resolve) => queue.add(2, () => resolve()));
  expect(ran).toEqual([]);
});
