import { expect, test } from "vitest";
import { bytesPerEntry } from "./stored-bytes.ts";

test("the bytes per entry leave out the memory that the store takes without entries", () => {
  const moments = [0, 10, 40, 100, 90].map((entries) => ({
    entries,
    bytes: 1_000_000 + 600 * entries,
  }));
  expect(bytesPerEntry(moments)).toBeCloseTo(600);
});

test("the bytes per entry are null when there are too few entries", () => {
  expect(bytesPerEntry([{ entries: 0, bytes: 0 }])).toBeNull();
  expect(
    bytesPerEntry([
      { entries: 0, bytes: 5_000 },
      { entries: 3, bytes: 90_000 },
    ]),
  ).toBeNull();
});
