import { expect, test } from "vitest";
import { StreamIdentity } from "./stream-identity.ts";

function identityAfter(
  ...deliveries: readonly [seq: number, storedAtMs: number][]
): StreamIdentity {
  const identity = new StreamIdentity();
  for (const [seq, storedAtMs] of deliveries) identity.recordDelivery(seq, storedAtMs);
  identity.expectAgain();
  return identity;
}

test("a stream that delivers a remembered message again is the same, even if others were deleted", () => {
  const identity = identityAfter([5, 500], [7, 700], [8, 800]);
  expect(identity.firstSeq).toBe(5);
  expect([identity.recordDelivery(7, 700), identity.recordDelivery(9, 900)]).toEqual([true, true]);
});

test("a stream with another message at a remembered sequence is another one", () => {
  expect(identityAfter([5, 500], [8, 800]).recordDelivery(5, 1_500)).toBe(false);
  expect(identityAfter([5, 500], [8, 800]).recordDelivery(6, 1_600)).toBe(false);
});

test("a stream that starts after all remembered messages may be another one", () => {
  expect(identityAfter([5, 500], [8, 800]).recordDelivery(9, 900)).toBe(false);
});

test("a new mirror accepts any stream", () => {
  const identity = new StreamIdentity();
  identity.expectAgain();
  expect([identity.recordDelivery(1, 100), identity.recordDelivery(4, 400)]).toEqual([true, true]);
});

test("after a remembered message, an older one that is delivered again raises no doubt", () => {
  const identity = identityAfter([5, 500], [8, 800]);
  identity.recordDelivery(8, 800);
  expect(identity.recordDelivery(6, 600)).toBe(true);
});
