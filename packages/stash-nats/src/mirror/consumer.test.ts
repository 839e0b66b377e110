import { expect, test } from "vitest";
import { parseDelivery, SeenDeliveries } from "./consumer.ts";

const delivery = { seq: 42, count: 7, storedAtMs: 1_700_000_000_123, pending: 3 };

test.each([
  ["$JS.ACK.ls.mirror.1.42.7.1700000000123456789.3"],
  ["$JS.ACK.domain.account.ls.mirror.1.42.7.1700000000123456789.3.token"],
])("the metadata of a delivery is parsed from %s", (reply) => {
  expect(parseDelivery(reply)).toEqual(delivery);
});

test.each([[undefined], [""], ["$JS.FC.ls.mirror.x"], ["$JS.ACK.ls.mirror"]])(
  "the reply subject %j is not parsed as a delivery",
  (reply) => {
    expect(parseDelivery(reply)).toBeUndefined();
  },
);

function seen(...deliveries: readonly [seq: number, storedAtMs: number][]): SeenDeliveries {
  const known = new SeenDeliveries();
  for (const [seq, storedAtMs] of deliveries) known.isKnownStream(seq, storedAtMs);
  known.expectAgain();
  return known;
}

test("a stream that delivers a remembered message again is the same, even if others were deleted", () => {
  const known = seen([5, 500], [7, 700], [8, 800]);
  expect(known.firstSeq).toBe(5);
  expect([known.isKnownStream(7, 700), known.isKnownStream(9, 900)]).toEqual([true, true]);
});

test("a stream with another message at a remembered sequence is another one", () => {
  expect(seen([5, 500], [8, 800]).isKnownStream(5, 1_500)).toBe(false);
  expect(seen([5, 500], [8, 800]).isKnownStream(6, 1_600)).toBe(false);
});

test("a stream that starts after all remembered messages may be another one", () => {
  expect(seen([5, 500], [8, 800]).isKnownStream(9, 900)).toBe(false);
});

test("a new mirror accepts any stream", () => {
  const known = new SeenDeliveries();
  known.expectAgain();
  expect([known.isKnownStream(1, 100), known.isKnownStream(4, 400)]).toEqual([true, true]);
});

test("after a remembered message, an older one that is delivered again raises no doubt", () => {
  const known = seen([5, 500], [8, 800]);
  known.isKnownStream(8, 800);
  expect(known.isKnownStream(6, 600)).toBe(true);
});
