import fc from "fast-check";
import { expect, test } from "vitest";
import { lengthPrefixed } from "./scope.ts";

test("lengthPrefixed() encodes each text after its length in bytes", () => {
  expect(lengthPrefixed([]).toString("hex")).toBe("");
  expect(lengthPrefixed(["", "ü"]).toString("hex")).toBe("0000000000000002c3bc");
});

test("lengthPrefixed() encodes no two different lists as the same bytes", () => {
  const texts = fc.array(fc.string({ unit: "grapheme", maxLength: 6 }), { maxLength: 4 });
  fc.assert(
    fc.property(texts, texts, (one, other) => {
      const isEqual = lengthPrefixed(one).equals(lengthPrefixed(other));
      expect(isEqual).toBe(JSON.stringify(one) === JSON.stringify(other));
    }),
  );
});
