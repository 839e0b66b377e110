import { expect, test } from "vitest";
import { SeenMessages } from "./peer-envelope.ts";

test("a message is new only the first time", () => {
  const seen = new SeenMessages();
  expect(seen.isNew("one", 1_000_000, 1_000_000)).toBe(true);
  expect(seen.isNew("one", 1_000_000, 1_000_000)).toBe(false);
  expect(seen.isNew("two", 1_000_000, 1_000_000)).toBe(true);
});

test("a message that is too old or too far ahead is not new", () => {
  const seen = new SeenMessages();
  expect(seen.isNew("old", 1_000_000, 1_060_001)).toBe(false);
  expect(seen.isNew("early", 1_060_001, 1_000_000)).toBe(false);
  expect(seen.isNew("just", 1_000_000, 1_060_000)).toBe(true);
});

test("a message is never new a second time, whenever it is replayed", () => {
  for (let receivedMs = 0; receivedMs < 300_000; receivedMs += 7_000) {
    const seen = new SeenMessages();
    const sentMs = 1_000_000 + receivedMs;
    expect(seen.isNew("first", 1_000_000, 1_000_000)).toBe(true);
    expect(seen.isNew("one", sentMs, sentMs)).toBe(true);
    for (let nowMs = sentMs; nowMs < sentMs + 400_000; nowMs += 1_000) {
      seen.isNew(`other ${nowMs}`, nowMs, nowMs);
      expect(seen.isNew("one", sentMs, nowMs)).toBe(false);
    }
  }
});
