import { expect, test } from "vitest";
import { isLinearizable, type StashCall } from "../src/index.ts";

/** Parses calls such as `save 1 by A: saved`: one after the other; those in an array at the same time. */
function history(...steps: (string | readonly string[])[]): StashCall[] {
  return steps.flatMap((step, at) =>
    (typeof step === "string" ? [step] : step).map((text): StashCall => {
      const [, call, value, owner, outcome] = /^(\w+) ?(\d*) by (\w): (\w+)$/.exec(text) ?? [];
      return {
        call: call as StashCall["call"],
        owner: `0000000000${owner}`,
        value: value === "" ? undefined : Number(value),
        isCreate: at === 0,
        outcome: outcome as StashCall["outcome"],
        beganAtMs: at * 10,
        endedAtMs: outcome === "unknown" ? Infinity : at * 10 + 5,
      };
    }),
  );
}

test.each([
  [history("save 1 by A: saved", "save 2 by A: saved", "load 2 by B: loaded")],
  [history("save 1 by A: saved", ["save 2 by A: saved", "load 1 by B: loaded"]), false],
  [history("save 1 by A: saved", ["save 2 by A: not_owner", "load 1 by B: loaded"])],
  [history("save 1 by A: saved", ["save 2 by A: saved", "load 2 by B: loaded"])],
  [history("save 1 by A: saved", "save 2 by A: unknown", "load 1 by B: loaded")],
  [history("save 1 by A: saved", "save 2 by A: unknown", "load 2 by B: loaded")],
  [history("save 1 by A: saved", "load by B: unknown", "save 2 by A: not_owner")],
  [
    history(
      "save 1 by A: saved",
      "load by B: unknown",
      "save 2 by A: saved",
      "load 2 by C: loaded",
    ),
  ],
  [history("save 1 by A: saved", "load 1 by B: loaded", "keepAlive by A: not_owner")],
])(
  "isLinearizable() decides whether an order of the calls explains %j",
  (calls, expected = true) => {
    expect(isLinearizable(calls)).toBe(expected);
  },
);

test.each([
  ["a lost stash", history("save 1 by A: saved", "load by B: absent")],
  [
    "a stash older than acknowledged",
    history("save 1 by A: saved", "save 2 by A: saved", "load 1 by B: loaded"),
  ],
  ["a stash that was never saved", history("save 1 by A: saved", "load 3 by B: loaded")],
  [
    "two owners at a time",
    history("save 1 by A: saved", "load 1 by B: loaded", "save 2 by A: saved"),
  ],
  [
    "a late save that took effect",
    history(
      "save 1 by A: saved",
      "save 2 by A: unknown",
      "load 1 by B: loaded",
      "load 2 by C: loaded",
    ),
  ],
])("isLinearizable() rejects a history with %s", (_, calls) => {
  expect(isLinearizable(calls)).toBe(false);
});
