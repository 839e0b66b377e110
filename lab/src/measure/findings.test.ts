import { expect, test } from "vitest";
import { sampleResult } from "../../test/sample-result.ts";
import type { AdapterRun } from "../result.ts";
import { findingsOf, type MeasuredRun } from "./findings.ts";

function measured(changes: Partial<AdapterRun> = {}, examples: string[] = []): MeasuredRun {
  const run = sampleResult().runs.find(({ adapter }) => adapter === "memory");
  if (run === undefined) throw new Error("The sample result has no run of memory.");
  const counts = { ...run.counts, wrong: 0, lost: 0, revived: 0, errors: {} };
  const nodes = run.nodes.map((node) => ({ ...node, after: node.before }));
  return { ...run, counts, nodes, ...changes, examples };
}

const good = measured();

test("a run without faults has no findings", () => {
  expect(findingsOf(good, good)).toEqual([]);
});

test("findings name wrong, lost and revived states and errors, with the first example of each", () => {
  const counts = {
    ...good.counts,
    wrong: 1,
    lost: 2,
    revived: 3,
    errors: { "stash: timeout": 4, "connect: ECONNRESET": 1 },
  };
  const findings = findingsOf(measured({ counts }, ["lost: a return showed nothing"]), good);
  expect(findings.map(({ code }) => code)).toEqual([
    "wrong_value",
    "lost_state",
    "revived_state",
    "errors",
  ]);
  expect(findings[1]?.text).toMatch(/^2 returns .* The first: a return showed nothing\.$/);
  expect(findings[3]?.text).toBe("5 steps failed: stash: timeout (4), connect: ECONNRESET (1).");
});

test("views, timers and handles that remain after the last user are leaks, except nginx's connections", () => {
  const leavingBehind = (left: { views?: number; timers?: number; handles?: number }) => {
    const nodes = good.nodes.map(({ before, ...node }) => ({
      ...node,
      before,
      after: {
        ...before,
        views: left.views ?? 0,
        timers: before.timers + (left.timers ?? 0),
        handles: before.handles + (left.handles ?? 0),
      },
    }));
    return findingsOf(measured({ nodes }), undefined).map(({ text }) => text);
  };
  expect(leavingBehind({ timers: 5, handles: 32 })).toEqual([]);
  expect(leavingBehind({ timers: 500 })[0]).toMatch(/^node-1 had 500 more timers/);
  expect(leavingBehind({ handles: 500 })).toHaveLength(good.nodes.length);
  expect(leavingBehind({ views: 1 })[0]).toMatch(/1 more views/);
});

test("a median far above the baseline's is slow, and without a baseline nothing is", () => {
  const { stash } = good.steps;
  const p50Ms = stash.fromSentMs.p50Ms + 20;
  const slow = measured({
    steps: { ...good.steps, stash: { ...stash, fromSentMs: { ...stash.fromSentMs, p50Ms } } },
  });
  expect(findingsOf(slow, good).map(({ code }) => code)).toEqual(["slow"]);
  expect(findingsOf(slow, good)[0]?.text).toMatch(/20\.0 ms more than the baseline's/);
  expect(findingsOf(slow, undefined)).toEqual([]);
  const validity = { isValid: false, reasons: ["The load generator was late."] };
  expect(findingsOf({ ...slow, validity }, good)[0]?.text).toMatch(
    /the machine may be the cause\.$/,
  );
});
