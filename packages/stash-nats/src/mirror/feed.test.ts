import { expect, test, vi } from "vitest";
import { SequenceWaiters } from "./feed.ts";

test("each caller waits for its own sequence, and not for one that was already reached", async () => {
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

test("silence is reported while a caller waits, once each time", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setImmediate"] });
  try {
    const onSilence = vi.fn();
    const waiters = new SequenceWaiters(onSilence);
    const early = waiters.until(1, 0);
    vi.advanceTimersByTime(199);
    waiters.reached(1);
    await early;
    vi.advanceTimersByTime(1_000);
    expect(onSilence).not.toHaveBeenCalled();
    void waiters.until(2, 1);
    vi.advanceTimersByTime(1_000);
    expect(onSilence).toHaveBeenCalledTimes(1);
    waiters.watch();
    vi.advanceTimersByTime(1_000);
    expect(onSilence).toHaveBeenCalledTimes(2);
  } finally {
    vi.useRealTimers();
  }
});

test("silence is not reported while messages arrive, however long a caller has waited", () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setImmediate"] });
  try {
    const onSilence = vi.fn();
    const waiters = new SequenceWaiters(onSilence);
    for (let seq = 1; seq < 20; seq += 1) {
      void waiters.until(seq + 1, seq - 1);
      vi.advanceTimersByTime(100);
      waiters.reached(seq);
    }
    expect(onSilence).not.toHaveBeenCalled();
    vi.advanceTimersByTime(400);
    expect(onSilence).toHaveBeenCalledTimes(1);
  } finally {
    vi.useRealTimers();
  }
});
