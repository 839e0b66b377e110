import { expect, test } from "vitest";
import { SeenDeliveries } from "./seen-deliveries.ts";

function seen(...deliveries: readonly [seq: number, storedAtMs: number][]): SeenDeliveries {
  const known = new SeenDeliveries();
  for (const [seq, storedAtMs] of deliveries) known.isKnownStream(seq, storedAtMs);
  known.beginAgain();
  return known;
}

test("a stream that shows a message again goes on, also where others of before are gone", () => {
  const known = seen([5, 500], [7, 700], [8, 800]);
  expect(known.firstSeq).toBe(5);
  expect([known.isKnownStream(7, 700), known.isKnownStream(9, 900)]).toEqual([true, true]);
});

test("a stream with another message in the same place is another one", () => {
  expect(seen([5, 500], [8, 800]).isKnownStream(5, 1_500)).toBe(false);
  expect(seen([5, 500], [8, 800]).isKnownStream(6, 1_600)).toBe(false);
});

test("a stream that goes on further up, without any message that is known, may be another one", () => {
  expect(seen([5, 500], [8, 800]).isKnownStream(9, 900)).toBe(false);
});

test("a new mirror takes what comes", () => {
  const known = new SeenDeliveries();
  known.beginAgain();
  expect([known.isKnownStream(1, 100), known.isKnownStream(4, 400)]).toEqual([true, true]);
});

test("after a message that is known, an older one that is repeated is no reason for doubt", () => {
  const known = seen([5, 500], [8, 800]);
  known.isKnownStream(8, 800);
  expect(known.isKnownStream(6, 600)).toBe(true);
});
