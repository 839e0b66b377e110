import { expect, test } from "vitest";
import { applyTokenEvent } from "./tokens.ts";
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
])("applyTokenEvent() ignores the detail %j, which no server sends", (detail) => {
  const tokens = new Map([["phx-1", "a"]]);

  applyTokenEvent(tokens, createTabStorage({} as Window), detail);

  expect([...tokens]).toEqual([["phx-1", "a"]]);
});
