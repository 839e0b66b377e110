import { expect, test } from "vitest";
import { decodeValue, encodeValue, ownerText, turnText } from "./stash-value.ts";

const record = Uint8Array.of(0, 255, 10, 13);

test("a value holds its record, behind an ASCII header of known places", () => {
  const value = encodeValue("plain", ownerText("one"), turnText(36), record);

  expect(value.toString("latin1", 0, 20)).toBe("103one00000000000036");
  expect(decodeValue("plain", value)).toEqual(Buffer.from(record));
});

test("a value of another format, or none at all, has no record", () => {
  const value = encodeValue("plain", ownerText("a".repeat(64)), turnText(1), record);

  expect(decodeValue("sealed", value)).toBeUndefined();
  expect(decodeValue("plain", value.subarray(0, 40))).toBeUndefined();
  expect(decodeValue("plain", Buffer.from("1"))).toBeUndefined();
  expect(decodeValue("plain", Buffer.from("1xx4567890123456789"))).toBeUndefined();
});

test("turns are of one length, until after the year 5000", () => {
  expect(turnText(Date.UTC(5000, 0)).length).toBe(turnText(0).length);
});
