import { expect, test } from "vitest";
import { applyHoldEvent } from "./held-strings.ts";
import { createTabStorage } from "./tab-storage.ts";

test.each([
  [undefined],
  [null],
  ["phx-1"],
  [{}],
  [{ v: "phx-1" }],
  [{ v: "phx-1", h: 1 }],
  [{ v: "phx-1", h: ["b"] }],
  [{ v: "phx-1", r: null }],
  [{ v: 1, h: "b" }],
  [{ h: "b" }],
])("the detail %j, which no server sends, changes nothing", (detail) => {
  const heldStrings = new Map([["phx-1", "a"]]);

  applyHoldEvent(heldStrings, createTabStorage({} as Window), detail);

  expect([...heldStrings]).toEqual([["phx-1", "a"]]);
});
