import { expect, test } from "vitest";
import { sampleResult } from "../../test/sample-result.ts";
import type { AdapterName, AdapterRun, LabResult } from "../result.ts";
import { formatGates, gatesBeside, gatesOf } from "./gates.ts";

/** Creates a sample result whose adapters took this much CPU per cycle. */
function resultWith(cpuMs: Partial<Record<AdapterName, number | null>>): LabResult {
  const result = sampleResult();
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

test("a gate compares an adapter's CPU with the baseline's of the same run", () => {
  const cheap = resultWith({ baseline: 1, memory: 1.15, redis: 1.25 });
  expect(holds(cheap, /^Baseline/)).toBe(true);
  expect(holds(cheap, /^memory: CPU/)).toBe(true);
  expect(holds(cheap, /^redis: CPU/)).toBe(true);
  const dear = resultWith({ baseline: 1.3, memory: 1.6, redis: 1.7 });
  expect(holds(dear, /^Baseline/)).toBe(false);
  expect(holds(dear, /^memory: CPU/)).toBe(false);
  expect(holds(dear, /^redis: CPU/)).toBe(false);
});

test("a gate without a measured value fails, and an adapter that did not run has no gates", () => {
  const result = resultWith({ baseline: 1, memory: null });
  expect(holds(result, /^memory: CPU/)).toBe(false);
  expect(holds(result, /^nats/)).toBeUndefined();
});

test("a gate compares the CPU that a stash adds with the CPU that one by hand adds", () => {
  const control = resultWith({ baseline: 2, memory: 2.4, redis: 2.4 });
  const result = resultWith({ baseline: 1, memory: 1.79, redis: 1.81, nats: 2 });
  const gates = gatesBeside(control, result);
  expect(gates.map(({ value }) => Number(value?.toFixed(2)))).toEqual([3.95, 4.05]);
  expect(gates.map(({ holds: isHeld }) => isHeld)).toEqual([true, false]);
  for (const memory of [null, 0.98, 1]) {
    expect(gatesBeside(resultWith({ baseline: 1, memory }), result)[0]?.holds).toBe(false);
  }
  expect(gatesBeside(resultWith({ memory: 1 }), result)).toEqual([]);
});

test("a step back has a gate apart from the goal that is not reached yet", () => {
  const result = resultWith({ baseline: 1, memory: 1.9, nats: 2.6 });
  expect(holds(result, /^memory: CPU.*baseline$/)).toBe(false);
  expect(holds(result, /^memory: CPU.*no step back$/)).toBe(true);
  expect(holds(result, /^nats: CPU.*no step back$/)).toBe(false);
});

test("the output marks gates that do not hold", () => {
  const text = formatGates(gatesOf(resultWith({ baseline: 1, memory: 1.5 })));
  expect(text).toMatch(/memory: CPU per cycle ÷ baseline\s+1\.5×\s+at most 1\.15×\s+DOES NOT HOLD/);
  expect(text).toMatch(/of \d+ gates hold/);
});
