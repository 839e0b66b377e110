import { expect, test } from "vitest";
import {
  decodeMessage,
  decodeHeartbeat,
  encodeMessage,
  encodeHeartbeat,
  isEarlierKey,
  OWNER_KEY_BYTES,
  ownerKey,
  type StashMessage,
} from "./message.ts";
import { isEarlierOwner } from "live-stash/adapter";

const owner = ownerKey("0000000000owner");
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
  ["another owner", { kind: "update", followsSeq: 2 ** 40, owner, lease: leased }, 39],
  ["another deadline", { kind: "update", followsSeq: 7, owner: undefined, lease: leased }, 23],
  ["a final deadline", { kind: "update", followsSeq: 7, owner: undefined, lease: final }, 13],
  ["a forgotten stash", { kind: "gone", followsSeq: 7 }, 7],
])("%s is decoded as it was encoded, from few bytes", (_, message, bytes) => {
  const encoded = encodeMessage(message);
  expect(encoded).toHaveLength(bytes);
  expect(decodeMessage(encoded)).toEqual(message);
});

test("a message that is cut short, or of another format, is not decoded", () => {
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

test("a heartbeat is decoded as it was encoded, from 12 bytes", () => {
  const heartbeat = { timeMs: 1_700_000_000_123, coversSeq: 2 ** 33 };
  expect(encodeHeartbeat(heartbeat)).toHaveLength(12);
  expect(decodeHeartbeat(encodeHeartbeat(heartbeat))).toEqual(heartbeat);
  expect(decodeHeartbeat(encodeHeartbeat(heartbeat).subarray(1))).toBeUndefined();
});

const orders = ["0000000000", "0000000001", "000000000a", "00000z0000", "0010000000", "zzzzzzzzzz"];

test("keys of owners compare as the owners themselves do", () => {
  for (const one of orders) {
    for (const other of orders) {
      const owners = [`${one}zz`, `${other}aa`] as const;
      const [key, otherKey] = [ownerKey(owners[0]), ownerKey(owners[1])];
      expect(isEarlierKey(key, otherKey)).toBe(isEarlierOwner(...owners));
      expect(Buffer.from(key, "latin1")).toHaveLength(OWNER_KEY_BYTES);
    }
  }
});

test("owners that differ in any character have different keys", () => {
  const owners = ["0000000000a", "0000000000A", "0000000000a.", "0000000001a", "0000000000aa"];
  expect(new Set(owners.map(ownerKey)).size).toBe(owners.length);
  expect(ownerKey("0000000000a")).toBe(ownerKey("0000000000a"));
});
