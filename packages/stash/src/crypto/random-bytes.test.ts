import { expect, it } from "vitest";
import { randomBytes } from "./random-bytes.ts";

it("gives other bytes each time, across refills, and as many as are asked for", () => {
  const seen = new Set<string>();
  for (let call = 0; call < 2_000; call += 1) seen.add(randomBytes(12).toString("hex"));
  expect(seen.size).toBe(2_000);
  for (const hex of seen) expect(hex).not.toMatch(/^0+$/);
  expect(randomBytes(10_000)).toHaveLength(10_000);
  expect(randomBytes(0)).toHaveLength(0);
});

it("gives bytes of their own memory", () => {
  const one = randomBytes(16);
  const copy = Buffer.from(one);
  const other = randomBytes(16);
  other.fill(0);
  expect(one).toEqual(copy);
});
