import { expect, test, vi } from "vitest";
import { SequenceWaiters } from "./sequence-waiters.ts";

test("each waits for its own sequence, and nobody for one that was reached", async () => {
  const waiters = new SequenceWaiters(() => {});
  const reached: number[] = [];
  const waits = [3, 5, 4].map(async (seq) => {
    await waiters.until(seq, 2);
    reached.push(seq);
  });
  await waiters.until(2, 2);
  waiters.reached(4);
  await Promise.all([waits[0], waits[2]]);
  expect(reached).toEqual([3, 4]);
  expect(waiters.isEmpty).toBe(false);
  waiters.reached(Infinity);
  await Promise.all(waits);
  expect(waiters.isEmpty).toBe(true);
});

test("who waits for too long is told of, once each time", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const onLate = vi.fn();
    const waiters = new SequenceWaiters(onLate);
    const early = waiters.until(1, 0);
    vi.advanceTimersByTime(199);
    waiters.reached(1);
    await early;
    vi.advanceTimersByTime(1_000);
    expect(onLate).not.toHaveBeenCalled();
    void waiters.until(2, 1);
    vi.advanceTimersByTime(1_000);
    expect(onLate).toHaveBeenCalledTimes(1);
    waiters.watch();
    vi.advanceTimersByTime(1_000);
    expect(onLate).toHaveBeenCalledTimes(2);
  } finally {
    vi.useRealTimers();
  }
});
