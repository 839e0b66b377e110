import { expect, test } from "vitest";
import { stashOutcome } from "./script-replies.ts";

test("numbers, also as text, are outcomes", () => {
  expect(
    [1, "1", 0, "0", 0n, -1, "-1", Buffer.from("-1")].map((reply) =>
      stashOutcome("save", reply, "saved"),
    ),
  ).toEqual([
    "saved",
    "saved",
    "absent",
    "absent",
    "absent",
    "not_owner",
    "not_owner",
    "not_owner",
  ]);
});

test.each([[null], [undefined], [""], [" "], [[]], [false], [{}], [Number.NaN], [2], ["OK"]])(
  "a reply that says nothing is not taken for `absent`: %j",
  (reply) => {
    expect(() => stashOutcome("load", reply, "loaded")).toThrow(
      expect.objectContaining({ code: "adapter_unavailable" }),
    );
  },
);
