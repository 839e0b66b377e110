import { expect, test } from "vitest";
import {
  decodeMessage,
  decodeSign,
  encodeMessage,
  encodeSign,
  isEarlierKey,
  OWNER_KEY_BYTES,
  ownerKey,
  type StashMessage,
} from "./message.ts";
import { isEarlierOwner } from "live-stash/adapter";

const owner = ownerKey("0000000000somebody");
const leased = { deadlineMs: 1_700_000_000_123, node: "AbC-_012", lengthMs: 375_000 };
const final = { deadlineMs: 1_700_000_000_123, node: undefined, lengthMs: 0 };
const record = Buffer.from("a record");

test.each<[string, StashMessage, number]>([
  ["a state", { kind: "state", followsSeq: 0, owner, lease: leased, record }, 39 + record.length],
  [
    "a state without a record",
    { kind: "state", followsSeq: 7, owner, lease: final, record: Buffer.alloc(0) },
    29,
  ],
  ["another owner", { kind: "marker", followsSeq: 2 ** 40, owner, lease: leased }, 39],
  ["another deadline", { kind: "marker", followsSeq: 7, owner: undefined, lease: leased }, 23],
  ["a final deadline", { kind: "marker", followsSeq: 7, owner: undefined, lease: final }, 13],
  ["what is gone", { kind: "gone", followsSeq: 7 }, 7],
])("%s is written, and read again", (_, message, bytes) => {
  const encoded = encodeMessage(message);
  expect(encoded).toHaveLength(bytes);
  expect(decodeMessage(encoded)).toEqual(message);
});

test("what is cut short, or of another format, is no message", () => {
  const encoded = encodeMessage({ kind: "state", followsSeq: 1, owner, lease: leased, record });
  for (let length = 0; length < encoded.length - record.length; length += 1) {
    expect(decodeMessage(encoded.subarray(0, length))).toBeUndefined();
  }
  for (const flags of [4, 9, 16, 255]) {
    const other = Buffer.from(encoded);
    other[0] = flags;
    expect(decodeMessage(other)).toBeUndefined();
  }
});

test("a sign of life is written, and read again", () => {
  const sign = { timeMs: 1_700_000_000_123, coversSeq: 2 ** 33 };
  expect(encodeSign(sign)).toHaveLength(12);
  expect(decodeSign(encodeSign(sign))).toEqual(sign);
  expect(decodeSign(encodeSign(sign).subarray(1))).toBeUndefined();
});

const orders = ["0000000000", "0000000001", "000000000a", "00000z0000", "0010000000", "zzzzzzzzzz"];

test("keys are as early as the owners that they are of", () => {
  for (const one of orders) {
    for (const other of orders) {
      const owners = [`${one}zz`, `${other}aa`] as const;
      const [key, otherKey] = [ownerKey(owners[0]), ownerKey(owners[1])];
      expect(isEarlierKey(key, otherKey)).toBe(isEarlierOwner(...owners));
      expect(Buffer.from(key, "latin1")).toHaveLength(OWNER_KEY_BYTES);
    }
  }
});

test("owners that differ anywhere have different keys", () => {
  const owners = ["0000000000a", "0000000000A", "0000000000a.", "0000000001a", "0000000000aa"];
  expect(new Set(owners.map(ownerKey)).size).toBe(owners.length);
  expect(ownerKey("0000000000a")).toBe(ownerKey("0000000000a"));
});
