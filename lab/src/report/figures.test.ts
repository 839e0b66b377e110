import { expect, it } from "vitest";
import { ADAPTER_NAMES } from "../result.ts";
import { figuresOf } from "./figures.ts";
import { sampleResult } from "../../test/sample-result.ts";

const result = sampleResult();
const figures = figuresOf(result);

it("the figures are the study's 2 to 10 and ours, in order", () => {
  expect(figures.map(({ number }) => number)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
});

it("every adapter has a line in each figure that its nodes have values for", () => {
  for (const { number, panels } of figures) {
    for (const panel of panels) {
      const adapters = panel.lines.map(({ adapter }) => adapter);
      const isOfStore = /redis|nats/i.test(panel.title);
      if (isOfStore)
        expect(["redis", "nats"], `${number}`).toEqual(expect.arrayContaining(adapters));
      else expect(adapters, `${number} ${panel.title}`).toEqual(ADAPTER_NAMES);
    }
  }
});

it("a line sums the nodes, and its number is the mean of the steady time", () => {
  const views = figures[0]?.panels[0];
  const memory = views?.lines.find(({ adapter }) => adapter === "memory");
  const run = result.runs.find(({ adapter }) => adapter === "memory");
  const at = 30;
  const sum = run?.nodes.reduce((sum, { samples }) => sum + (samples.views[at] ?? 0), 0);
  expect(memory?.points[at]?.[1]).toBe(sum);
  expect(memory?.summary).toBeGreaterThan(1150);
  expect(memory?.summary).toBeLessThan(1250);
});

it("the panels of two nodes have one scale", () => {
  for (const { panels } of figures.filter(({ panels }) => panels[0]?.title === "node-1")) {
    expect(panels[0]?.largest).toBe(panels[1]?.largest);
  }
});

it("all figures have one time axis, which contains the longest run", () => {
  const [first, ...others] = result.runs;
  if (first === undefined) throw new Error("no runs");
  const figures = figuresOf({ ...result, runs: [{ ...first, durationMs: 20_000 }, ...others] });
  expect(figures[0]?.panels[0]?.durationMs).toBe(60_000);
});

it("the time axis contains the last sample, taken a moment after the run's end", () => {
  const runs = result.runs.map((run) => ({ ...run, durationMs: 57_000 }));
  const [figure] = figuresOf({ ...result, runs });
  expect(figure?.panels[0]?.durationMs).toBe(60_000);
});

it("a run without adapters has figures without lines", () => {
  expect(figuresOf({ ...result, runs: [] })[0]?.panels[0]?.lines).toEqual([]);
});
