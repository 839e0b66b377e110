import { expect, it } from "vitest";
import { ADAPTER_NAMES, type AdapterRun, type LabResult } from "../result.ts";
import { ADAPTER_LOOKS } from "./adapters.ts";
import { FIGURES } from "./figure-definitions.ts";
import { formatSummary } from "./format-summary.ts";
import { sampleResult } from "../../test/sample-result.ts";
import { reportPage } from "./report-page.ts";

const result = sampleResult();
const page = reportPage(result);

function withRun(name: string, change: (run: AdapterRun) => Partial<AdapterRun>): LabResult {
  const runs = result.runs.map((run) => (run.adapter === name ? { ...run, ...change(run) } : run));
  return { ...result, runs };
}

it("the report has every figure, with the original's figures beside it", () => {
  for (const { id, title, original } of FIGURES) {
    expect(page).toContain(`id="${id}"`);
    expect(page).toContain(`</span>${title}</h3>`);
    if (original !== null) expect(page).toContain(`on other hardware.</b> ${original}`);
  }
});

it("the report names every adapter in every table and in every chart of the nodes", () => {
  for (const name of ADAPTER_NAMES) {
    expect(page.split(`<span class="name">${ADAPTER_LOOKS[name].label}</span>`)).toHaveLength(5);
    expect(page.split(`class="a-${name}" data-adapter="${name}"`).length).toBeGreaterThan(15);
  }
});

it("the report is one file that loads nothing from elsewhere", () => {
  expect(page).not.toMatch(/(src|href)=|@import|url\(|<link|fetch\(|import\(/);
});

it("the report begins with the verdict", () => {
  expect(page).toContain("15,000 states recovered, none lost</h1>");
  expect(page).not.toContain("Read this first");
});

it("the report of a control says that it is one", () => {
  const control: LabResult = { ...result, stashing: "by-hand" };
  for (const text of [reportPage(control), formatSummary(control)]) {
    expect(text).toContain("The control: pages that stash by hand, not with LiveStash.");
  }
  expect(page + formatSummary(result)).not.toContain("by hand");
});

it("the report shows times from sending, times from the plan, and the original's times", () => {
  expect(page).toContain("<small>from plan</small><small>original</small>");
  expect(page).toContain("Published for every adapter: 3–4 / 4–5 / 5–7 ms");
});

it("the report names an invalid run and its reasons before all figures", () => {
  const reason = "The load generator was late: p99 812 ms.";
  const page = reportPage(
    withRun("redis", () => ({ validity: { isValid: false, reasons: [reason] } })),
  );
  expect(page).toContain("1 of 5 runs invalid</h1>");
  expect(page.indexOf(reason)).toBeLessThan(page.indexOf('class="cards"'));
  expect(page).toMatch(/a-redis is-invalid/);
});

it("the report names the application's faults", () => {
  const lossy = withRun("nats", ({ counts }) => ({
    counts: { ...counts, lost: 3, errors: { "stash: timeout": 2 } },
    findings: [{ code: "lost_state", text: "3 of 3,750 states were lost." }],
  }));
  const page = reportPage(lossy);
  expect(page).toContain("3 states lost</h1>");
  expect(page).toContain("3 of 3,750 states were lost.");
  expect(page).toContain("stash: timeout × 2");
  expect(formatSummary(lossy)).toContain("NATS (finding): 3 of 3,750 states were lost.");
});

it("the report marks interrupted and empty runs", () => {
  expect(reportPage({ ...result, isInterrupted: true })).toContain("The run was interrupted");
  expect(reportPage({ ...result, runs: [] })).toContain("Nothing was measured</h1>");
});

it("the report names adapters whose run failed", () => {
  const failures = [{ adapter: "nats", reason: "node-1 ended with code 1." }] as const;
  const runs = result.runs.filter(({ adapter }) => adapter !== "nats");
  const failed = { ...result, runs, failures };
  expect(reportPage(failed)).toContain("1 adapter failed</h1>");
  expect(formatSummary(failed)).toContain("NATS (failed): The run failed: node-1");
});

it("the report escapes every text from the result", () => {
  const evil = `</script><img src=x onerror="alert(1)">`;
  const page = reportPage({
    ...withRun("memory", ({ counts }) => ({
      validity: { isValid: false, reasons: [evil] },
      findings: [{ code: "errors", text: evil }],
      counts: { ...counts, errors: { [evil]: 1 } },
      prometheus: { targets: [], targetsDown: [evil] },
    })),
    startedAt: evil,
    finishedAt: evil,
    machine: { ...result.machine, cpuModel: evil, system: evil },
    versions: { [evil]: evil },
    commit: { hash: evil, isDirty: false },
    scenario: { ...result.scenario, preset: evil },
  });
  expect(page).not.toContain("<img");
  expect(page).toContain("&lt;img src=x onerror=&quot;alert(1)&quot;&gt;");
});

it("the summary for a terminal marks an invalid run", () => {
  const summary = formatSummary(
    withRun("browser", () => ({ validity: { isValid: false, reasons: ["Too late."] } })),
  );
  const lines = summary.split("\n");
  expect(lines[0]).toBe("1 of 5 runs invalid.");
  expect(lines.find((line) => line.startsWith("Redis"))).toMatch(
    /^Redis +1\.29 ms +\+23 % +5\.00 ms +2\.27 ms +7\.27 ms +3,750 +1,250 +0 +0 +0$/,
  );
  expect(lines.find((line) => line.startsWith("Browser "))).toMatch(/INVALID$/);
  expect(summary).toContain("Browser (invalid): Too late.");
});
