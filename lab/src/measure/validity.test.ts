import { expect, test } from "vitest";
import { sampleResult } from "../../test/sample-result.ts";
import type { AdapterRun } from "../result.ts";
import { invalidityReasons } from "./validity.ts";

const [good] = sampleResult().runs.filter(({ validity }) => validity.isValid);
if (good === undefined) throw new Error("The sample result has no runs.");

function runWith(changes: Partial<AdapterRun>): AdapterRun {
  if (good === undefined) throw new Error("unreachable");
  return { ...good, durationMs: good.steady.toMs + 1, ...changes };
}

test("a run is valid if the generator was on time and not too busy", () => {
  expect(invalidityReasons(runWith({}), [])).toEqual([]);
});

test("a run is invalid if the generator was late", () => {
  const latenessMs = { ...good.load.latenessMs, p99Ms: 25.4 };
  const [reason, ...others] = invalidityReasons(
    runWith({ load: { ...good.load, latenessMs } }),
    [],
  );
  expect(reason).toMatch(/^The load generator was late: 1 % .* more than 25\.4 ms late/);
  expect(others).toEqual([]);
});

test("a run is invalid if the generator was too busy, unless only in a few seconds", () => {
  const { samples } = good.load;
  const busyEvery = (nth: number): AdapterRun => {
    const busiestWorkerPercent = samples.atMs.map((_, index) => (index % nth === 0 ? 97 : 40));
    return runWith({ load: { ...good.load, samples: { ...samples, busiestWorkerPercent } } });
  };
  expect(invalidityReasons(busyEvery(30), [])).toEqual([]);
  expect(invalidityReasons(busyEvery(3), [])[0]).toMatch(/^The load generator was the bottleneck/);
});

test("a run is invalid if it was interrupted or has no cycles", () => {
  expect(invalidityReasons(runWith({ durationMs: good.steady.toMs - 1_000 }), [])[0]).toMatch(
    /^The run was interrupted/,
  );
  const perCycle = { ...good.perCycle, cycles: 0 };
  expect(invalidityReasons(runWith({ perCycle }), [])[0]).toMatch(/^No cycle was completed/);
});
