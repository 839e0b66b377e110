import { expect, test } from "vitest";
import { buildEntries, EXPECTED_SIZE, expectedProbe, PROBE_KEY } from "./entries.ts";

test("the entries are those of the study: 5,121 bytes of JSON at count 1", () => {
  const entries = buildEntries(1);
  expect(Buffer.byteLength(JSON.stringify(entries))).toBe(5_121);
  expect(Object.keys(entries)).toHaveLength(EXPECTED_SIZE);
  expect(Object.keys(entries).at(-1)).toBe("item_0127");
  expect(entries.item_0000).toBe("value-0000-lorem-ipsum-do");
});

test("every twentieth entry from 0007 changes with the count", () => {
  const entries = buildEntries(42);
  expect(entries[PROBE_KEY]).toBe(expectedProbe(42));
  expect(entries.item_0127).toBe("value-0127-lorem-ipsum-c42");
  const following = Object.values(entries).filter((value) => value.endsWith("c42"));
  expect(following).toHaveLength(7);
});
