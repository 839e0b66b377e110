import { expect, test } from "vitest";
import {
  createWriteNumbers,
  deadlineText,
  decodeValue,
  encodeValue,
  ownerText,
  writeNumberText,
} from "./stored-value.ts";

const record = Uint8Array.of(0, 255, 10, 13);

test("a value is an ASCII header with fields at known places, followed by the record", () => {
  const value = encodeValue("plain", ownerText("one"), writeNumberText(36), record);

  expect(value.toString("latin1", 0, 20)).toBe("103one00000000000036");
  expect(decodeValue("plain", value)).toEqual(Buffer.from(record));
});

test("decodeValue() returns undefined for a value of another format and for a foreign value", () => {
  const value = encodeValue("plain", ownerText("a".repeat(64)), writeNumberText(1), record);

  expect(decodeValue("sealed", value)).toBeUndefined();
  expect(decodeValue("plain", value.subarray(0, 40))).toBeUndefined();
  expect(decodeValue("plain", Buffer.from("1"))).toBeUndefined();
  expect(decodeValue("plain", Buffer.from("1xx4567890123456789"))).toBeUndefined();
});

test("write numbers have the same length until after the year 5000", () => {
  expect(writeNumberText(Date.UTC(5000, 0)).length).toBe(writeNumberText(0).length);
});

test("write numbers increase even if the clock goes back", () => {
  let nowMs = 1_000;
  const nextWriteNumber = createWriteNumbers({ now: () => nowMs });

  expect([nextWriteNumber(), nextWriteNumber()]).toEqual([1_000, 1_001]);
  nowMs = 500;
  expect(nextWriteNumber()).toBe(1_002);
  nowMs = 2_000;
  expect(nextWriteNumber()).toBe(2_000);
});

test("a deadline becomes whole ms in the range that Redis accepts", () => {
  expect(deadlineText(1_800_000_000_000.5)).toBe("1800000000000");
  expect(deadlineText(-5)).toBe("0");
  expect(deadlineText(Infinity)).toBe("4503599627370496");
  expect(deadlineText(Number.MAX_VALUE)).toBe("4503599627370496");
});
