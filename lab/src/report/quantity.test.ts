import { expect, it } from "vitest";
import {
  formatCount,
  formatDigits,
  formatDuration,
  formatOver,
  formatQuantity,
  formatTicks,
} from "./quantity.ts";

const plain = (text: string) => text.replaceAll("\u00a0", " ");

it("a quantity has about three digits and its unit", () => {
  expect(plain(formatQuantity(1_254_000, "bytes"))).toBe("1.25 MB");
  expect(plain(formatQuantity(930, "bytes"))).toBe("930 B");
  expect(plain(formatQuantity(310_400, "bytesPerSecond"))).toBe("310 kB/s");
  expect(plain(formatQuantity(41.26, "percent"))).toBe("41.3 %");
  expect(plain(formatQuantity(0.049, "ms"))).toBe("0.05 ms");
  expect(plain(formatQuantity(12_345, "count"))).toBe("12,345");
  expect(plain(formatQuantity(0, "bytes"))).toBe("0 B");
});

it("a missing quantity is a dash", () => {
  expect(formatQuantity(null, "ms")).toBe("–");
  expect(formatQuantity(Number.NaN, "count")).toBe("–");
  expect(formatOver(1, null)).toBe("–");
  expect(formatOver(1, 0)).toBe("–");
});

it("a difference is shown in percent", () => {
  expect(plain(formatOver(1.29, 1.05))).toBe("+23 %");
  expect(plain(formatOver(0.97, 1))).toBe("−3 %");
  expect(plain(formatOver(1.002, 1))).toBe("±0 %");
});

it("all ticks of an axis have the unit of its end", () => {
  const bytes = formatTicks("bytes", 1_000_000);
  expect([0, 250_000, 1_000_000].map(bytes).map(plain)).toEqual(["0", "0.25 MB", "1 MB"]);
  expect(plain(formatTicks("count", 1500)(1500))).toBe("1,500");
  expect(plain(formatTicks("count", 25_000)(5000))).toBe("5 k");
});

it("a duration is shown in minutes and seconds", () => {
  expect(plain(formatDuration(45_000))).toBe("45 s");
  expect(plain(formatDuration(180_000))).toBe("3 min");
  expect(plain(formatDuration(225_000))).toBe("3 min 45 s");
});

it("only small numbers have decimals", () => {
  expect([formatCount(0.5), formatCount(12.7), formatDigits(99.96)]).toEqual([
    "0.5",
    "13",
    "100.0",
  ]);
});
