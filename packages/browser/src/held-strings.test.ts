import { expect, test } from "vitest";
import { applyHoldEvent } from "./held-strings.ts";

test.each([
  [undefined],
  [null],
  ["phx-1"],
  [{}],
  [{ view: "phx-1" }],
  [{ view: "phx-1", held: 1 }],
  [{ view: "phx-1", held: ["b"] }],
  [{ view: "phx-1", renew: null }],
  [{ view: 1, held: "b" }],
  [{ held: "b" }],
])("the detail %j, which no server sends, changes nothing", (detail) => {
  const heldStrings = new Map([["phx-1", "a"]]);

  applyHoldEvent(heldStrings, detail);

  expect([...heldStrings]).toEqual([["phx-1", "a"]]);
});
