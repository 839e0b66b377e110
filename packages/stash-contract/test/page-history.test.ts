import { describe, expect, test } from "vitest";
import {
  checkPageHistory,
  countedState,
  countHistories,
  type PageEvent,
  type PageState,
} from "../src/index.ts";

const count = (value: number): PageState => countedState("a", value);
const asked = (change: number): PageEvent => ({ kind: "asked", change });
const saved = (value: number, join = 1, since = 0): PageEvent => ({
  kind: "acknowledged",
  join,
  status: "saved",
  state: count(value),
  since,
});
const recovered = (value: number, join = 2): PageEvent => ({
  kind: "recovered",
  join,
  state: count(value),
});
const missing = (status: string): PageEvent => ({ kind: "missing", join: 2, status });
const reset = (value: number): PageEvent => ({ kind: "reset", state: count(value) });
const pending: PageEvent = { kind: "unanswered", join: 2, status: "pending" };
const saved2 = { ...saved(0), state: { page: "a", changes: [2] } };
const excused = (reason: "expired" | "left"): PageEvent => ({ kind: "excused", reason });

const rulesOf = (events: readonly PageEvent[], hasOwners = true): string[] =>
  checkPageHistory(events, { page: "a", hasOwners }).map(({ rule }) => rule);

describe("checkPageHistory() finds no violation if", () => {
  test.each<[string, PageEvent[]]>([
    ["the acknowledged state comes back", [asked(1), saved(1), recovered(1)]],
    [
      "a change without an acknowledgement comes back",
      [asked(1), saved(1), asked(2), recovered(2)],
    ],
    ["… or does not", [asked(1), saved(1), asked(2), recovered(1)]],
    [
      "a join has no answer, and the next one recovers the state",
      [asked(1), saved(1), pending, recovered(1)],
    ],
    ["a later state replaces it", [asked(1), saved(1), asked(2), saved(2), recovered(2)]],
    [
      "the application reset the state",
      [asked(1), saved(1), reset(1), missing("not_found: absent")],
    ],
    [
      "a change requested before a reset is made after it",
      [asked(1), saved(1), asked(2), reset(1), saved2, { ...recovered(0), state: saved2.state }],
    ],
    [
      "the state has expired",
      [asked(1), saved(1), excused("expired"), missing("not_found: absent")],
    ],
    ["the user left the page", [asked(1), saved(1), excused("left")]],
    ["nothing was ever acknowledged", [asked(1), missing("not_found: nothing_held")]],
    [
      "an older view saves another stash after a reset",
      [asked(1), saved(1), recovered(1), reset(1), { kind: "unheard", join: 1, since: 4 }],
    ],
    [
      "a save of an older view, begun before the recovery, is acknowledged late",
      [asked(1), saved(1), recovered(1), saved(1, 1, 1), recovered(1, 3)],
    ],
  ])("%s", (_, events) => {
    expect(rulesOf(events)).toEqual([]);
  });
});

describe("checkPageHistory() reports", () => {
  test.each<[string, PageEvent[]]>([
    ["lost", [asked(1), saved(1), missing("not_found: absent")]],
    ["lost", [asked(1), saved(1), pending, missing("new")]],
    ["rolled back", [asked(1), saved(1), asked(2), saved(2), recovered(1)]],
    ["rolled back", [asked(1), saved(1), asked(2), recovered(2), recovered(1, 3)]],
    ["rolled back", [asked(1), saved(1), recovered(0)]],
    ["resurrected", [asked(1), saved(1), reset(1), recovered(1)]],
    ["two owners", [asked(1), saved(1), recovered(1), asked(2), saved(2, 1, 3), recovered(2, 3)]],
    ["two owners", [asked(1), saved(1), recovered(1), { kind: "unheard", join: 1, since: 3 }]],
    ["foreign", [asked(1), saved(1), { kind: "recovered", join: 2, state: countedState("b", 1) }]],
    ["made up", [asked(1), saved(1), recovered(2)]],
    ["not recovered", [asked(1), saved(1)]],
    ["not recovered", [asked(1), saved(1), recovered(1), asked(2), saved(2, 2), pending]],
  ])("as %s: %j", (rule, events) => {
    expect(rulesOf(events)).toEqual([rule]);
  });

  test("overwritten: a new state was saved in place of an acknowledged one", () => {
    const anew: PageState = { page: "a", changes: [2] };
    const events: PageEvent[] = [
      asked(1),
      saved(1),
      pending,
      asked(2),
      { kind: "acknowledged", join: 2, status: "saved", state: anew, since: 4 },
      { kind: "recovered", join: 3, state: anew },
    ];
    expect(rulesOf(events)).toEqual(["overwritten"]);
  });

  test("the index of the event, with what was expected and what was found", () => {
    const events = [asked(1), saved(1), missing("not_found: absent")];
    expect(checkPageHistory(events, { page: "a", hasOwners: true })).toEqual([
      { rule: "lost", at: 2, message: "expected change 1, found not_found: absent" },
    ]);
  });
});

test("checkPageHistory() allows saves of two views if browsers hold the state", () => {
  const events = [asked(1), saved(1), recovered(1), asked(2), saved(2, 1, 3), recovered(2, 3)];
  expect(rulesOf(events, false)).toEqual([]);
});

test("countHistories() counts events and violations", () => {
  const good = [asked(1), saved(1), pending, recovered(1)];
  const bad = [asked(1), saved(1), missing("new")];
  const options = { page: "a", hasOwners: true };
  const histories = [good, bad].map((events) => ({
    events,
    violations: checkPageHistory(events, options),
  }));
  expect(countHistories(histories)).toEqual({
    acknowledged: 2,
    recovered: 1,
    pending: 1,
    lost: 1,
  });
});
