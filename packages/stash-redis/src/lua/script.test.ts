import { expect, test } from "vitest";
import { readOutcome } from "./script.ts";

test("readOutcome() reads 1, 0 and -1 as numbers and as text", () => {
  expect([1, "1"].map(readOutcome)).toEqual(["done", "done"]);
  expect([0, "0", 0n].map(readOutcome)).toEqual(["absent", "absent", "absent"]);
  expect([-1, "-1", Buffer.from("-1")].map(readOutcome)).toEqual([
    "not_owner",
    "not_owner",
    "not_owner",
  ]);
});

test.each([[null], [undefined], [""], [" "], [[]], [false], [{}], [Number.NaN], [2], ["OK"]])(
  "readOutcome() reads no outcome from any other reply: %j",
  (reply) => {
    expect(readOutcome(reply)).toBeUndefined();
  },
);
