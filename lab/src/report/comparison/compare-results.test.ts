import { expect, it } from "vitest";
import type { AdapterName, AdapterRun, LabResult } from "../../result.ts";
import { sampleResult } from "../../../test/sample-result.ts";
import { compareResults, countChanges, type Comparison } from "./compare-results.ts";
import { comparisonPage } from "./comparison-page.ts";
import { formatComparison } from "./format-comparison.ts";

const a = sampleResult();
const b = sampleResult({ seed: 8 });

function change(
  result: LabResult,
  name: AdapterName,
  change: (run: AdapterRun) => Partial<AdapterRun>,
): LabResult {
  const runs = result.runs.map((run) => (run.adapter === name ? { ...run, ...change(run) } : run));
  return { ...result, runs };
}

function metric({ adapters }: Comparison, adapter: AdapterName, name: string) {
  const metrics = adapters.find((compared) => compared.adapter === adapter)?.metrics;
  const metric = metrics?.find((metric) => metric.name === name);
  if (metric === undefined) throw new Error(`no ${name} of ${adapter}`);
  return metric;
}

it("two runs that differ by chance compare as no difference", () => {
  const comparison = compareResults(a, b);
  expect(countChanges(comparison, "better") + countChanges(comparison, "worse")).toBe(0);
  expect(countChanges(comparison, "same")).toBeGreaterThan(100);
  expect(comparison.cautions).toEqual(["Not the same scenario: seed is 7 in A, 8 in B."]);
  expect(formatComparison(comparison)).toMatch(/^No difference beyond noise\./);
});

it("the comparison names the run that is the control", () => {
  const [controlA, controlB] = [a, b].map((each) => ({ ...each, stashing: "by-hand" as const }));
  if (controlA === undefined || controlB === undefined) throw new Error("There are two.");
  expect(compareResults(a, controlB).cautions).toContain(
    "One of the runs is the control: LiveStash in A, a stash by hand in B.",
  );
  expect(countChanges(compareResults(a, controlB), "same")).toBe(0);
  expect(compareResults(controlA, controlB).cautions).toContain(
    "Both are runs of the control, a stash by hand.",
  );
});

it("the comparison flags a ratio outside of the noise", () => {
  const cheaper = change(b, "redis", ({ perCycle }) => ({
    perCycle: { ...perCycle, cpuMs: 1.032 },
  }));
  const comparison = compareResults(a, cheaper);
  const cpu = metric(comparison, "redis", "CPU per cycle");
  expect(cpu.ratio).toBeCloseTo(0.8);
  expect(cpu.change).toBe("better");
  expect(metric(comparison, "redis", "CPU over the run's own baseline").ratio).toBeCloseTo(0.8);
  expect(formatComparison(comparison)).toMatch(
    /Redis: CPU per cycle +1\.29 ms +1\.03 ms +0\.80 +±5 % +better/,
  );
});

it("a difference below the floor is noise, in both directions", () => {
  for (const factor of [1.045, 1 / 1.045]) {
    const close = change(a, "nats", ({ perCycle }) => ({
      perCycle: { ...perCycle, cpuMs: 1.4 * factor },
    }));
    expect(metric(compareResults(a, close), "nats", "CPU per cycle").change).toBe("same");
  }
});

it("the noise grows with the spread of the samples", () => {
  const jumpy = change(a, "memory", ({ nodes, perCycle }) => ({
    perCycle: { ...perCycle, cpuMs: 1.16 * 1.2 },
    nodes: nodes.map((node) => ({
      ...node,
      samples: {
        ...node.samples,
        cpuPercent: node.samples.cpuPercent.map((value, second) =>
          Math.floor(second / 6) % 2 === 0 ? 0.2 * Number(value) : 1.8 * Number(value),
        ),
      },
    })),
  }));
  const cpu = metric(compareResults(a, jumpy), "memory", "CPU per cycle");
  expect(cpu.noise).toBeGreaterThan(0.2);
  expect(cpu.change).toBe("same");
});

it("the noise of round trips grows when they are few", () => {
  const slower = (count: number) =>
    change(a, "redis", ({ steps }) => ({
      steps: {
        ...steps,
        stash: {
          ...steps.stash,
          fromSentMs: {
            ...steps.stash.fromSentMs,
            count,
            p50Ms: steps.stash.fromSentMs.p50Ms * 1.2,
          },
        },
      },
    }));
  expect(metric(compareResults(a, slower(20_000)), "redis", "stash, p50").change).toBe("worse");
  expect(metric(compareResults(a, slower(30)), "redis", "stash, p50").change).toBe("same");
});

it("a difference that rests on fewer than ten values is no change", () => {
  const few = change(a, "redis", ({ steps }) => ({
    steps: {
      ...steps,
      connect: {
        ...steps.connect,
        fromSentMs: { count: 12, meanMs: 80, p50Ms: 80, p95Ms: 82, p99Ms: 82, maxMs: 82 },
      },
    },
  }));
  const compared = metric(compareResults(a, few), "redis", "connect, p99");
  expect(compared).toMatchObject({ noise: Number.POSITIVE_INFINITY, change: "same" });
});

it("figures of an invalid run are neither better nor worse, except lost states", () => {
  const invalid = change(b, "redis", ({ perCycle, counts }) => ({
    perCycle: { ...perCycle, cpuMs: 9 },
    counts: { ...counts, lost: 1 },
    validity: { isValid: false, reasons: ["Late."] },
  }));
  const comparison = compareResults(a, invalid);
  expect(metric(comparison, "redis", "CPU per cycle")).toMatchObject({ b: 9, change: null });
  expect(metric(comparison, "redis", "lost").change).toBe("worse");
  expect(formatComparison(comparison)).toMatch(/^0 better, 1 worse, \d+ within noise, \d+ not /);
});

it("figures over the baseline need a valid baseline", () => {
  const invalid = change(b, "baseline", () => ({ validity: { isValid: false, reasons: [] } }));
  const comparison = compareResults(a, invalid);
  const name = "CPU over the run's own baseline";
  expect(metric(comparison, "redis", name).change).toBeNull();
  expect(metric(comparison, "redis", "CPU per cycle").change).toBe("same");
});

it("any lost state is worse, although there is no ratio to zero", () => {
  const lossy = change(b, "browser", ({ counts }) => ({ counts: { ...counts, lost: 1 } }));
  const lost = metric(compareResults(a, lossy), "browser", "lost");
  expect(lost).toMatchObject({ a: 0, b: 1, ratio: null, change: "worse" });
  expect(metric(compareResults(lossy, a), "browser", "lost").change).toBe("better");
});

it("the comparison warns of other machines, scenarios and baselines, missing adapters and invalid runs", () => {
  const invalid = change(b, "redis", () => ({ validity: { isValid: false, reasons: ["Late."] } }));
  const slow = change(invalid, "baseline", ({ perCycle }) => ({
    perCycle: { ...perCycle, cpuMs: 2 },
  }));
  const other: LabResult = {
    ...slow,
    isInterrupted: true,
    machine: { ...b.machine, cpuCount: 64 },
    scenario: { ...b.scenario, users: 5000 },
    runs: slow.runs.filter(({ adapter }) => adapter !== "nats"),
  };
  const { cautions, adapters } = compareResults(a, other);
  expect(adapters.map(({ adapter }) => adapter)).not.toContain("nats");
  const text = cautions.join("\n");
  expect(text).toContain("users is 2000 in A, 5000 in B");
  expect(text).toContain("Not the same machine");
  expect(text).toContain("The baseline itself changed");
  expect(text).toContain("Only in one of the runs: nats.");
  expect(text).toContain("B was interrupted.");
  expect(text).toContain("Invalid in B: redis. Late.");
});

it("the page shows both runs, changes first, with texts escaped", () => {
  const evil = { ...b, machine: { ...b.machine, cpuModel: "<img>" } };
  const worse = change(evil, "redis", ({ perCycle }) => ({
    perCycle: { ...perCycle, redisInBytes: 2000 },
  }));
  const page = comparisonPage(compareResults(a, worse));
  expect(page).toContain("0 better, 1 worse, ");
  expect(page.indexOf("What changed")).toBeLessThan(page.indexOf(">Baseline</span>"));
  expect(page).toContain("A: live views");
  expect(page).toContain("B: live views");
  expect(page).not.toContain("<img>");
  expect(page).not.toMatch(/(src|href)=|@import|url\(|<link/);
});
