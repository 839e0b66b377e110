import { expect, test } from "vitest";
import { madeUpResult } from "../report/made-up-result.ts";
import type { AdapterName, AdapterRun, LabResult } from "../result.ts";
import { formatGates } from "./format-gates.ts";
import { gatesOf } from "./gates.ts";

/** A made-up result whose adapters took this much CPU per cycle. */
function resultWith(cpuMs: Partial<Record<AdapterName, number | null>>): LabResult {
  const result = madeUpResult();
  const runs = result.runs
    .filter(({ adapter }) => adapter in cpuMs)
    .map((run): AdapterRun => {
      const perCycle = { ...run.perCycle, cpuMs: cpuMs[run.adapter] ?? null };
      return { ...run, perCycle };
    });
  return { ...result, runs };
}

const holds = (result: LabResult, name: RegExp): boolean | undefined =>
  gatesOf(result).find((gate) => name.test(gate.name))?.holds;

test("an adapter's CPU is held against the baseline's of the same run", () => {
  const cheap = resultWith({ baseline: 1, memory: 1.15, redis: 1.25 });
  expect(holds(cheap, /^Baseline/)).toBe(true);
  expect(holds(cheap, /^memory: CPU/)).toBe(true);
  expect(holds(cheap, /^redis: CPU/)).toBe(true);
  const dear = resultWith({ baseline: 1.3, memory: 1.6, redis: 1.7 });
  expect(holds(dear, /^Baseline/)).toBe(false);
  expect(holds(dear, /^memory: CPU/)).toBe(false);
  expect(holds(dear, /^redis: CPU/)).toBe(false);
});

test("what was not measured does not hold; who did not run is left out", () => {
  const result = resultWith({ baseline: 1, memory: null });
  expect(holds(result, /^memory: CPU/)).toBe(false);
  expect(holds(result, /^nats/)).toBeUndefined();
});

test("what does not hold is easy to see", () => {
  const text = formatGates(gatesOf(resultWith({ baseline: 1, memory: 1.5 })));
  expect(text).toMatch(/memory: CPU per cycle ÷ baseline\s+1\.5×\s+at most 1\.15×\s+DOES NOT HOLD/);
  expect(text).toMatch(/of \d+ gates hold/);
});
