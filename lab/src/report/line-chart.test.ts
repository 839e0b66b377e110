import { expect, it } from "vitest";
import { figuresOf } from "./figures.ts";
import { lineChart } from "./line-chart.ts";
import { sampleResult } from "../../test/sample-result.ts";

const figures = figuresOf(sampleResult({ durationSeconds: 2700 }));
const panel = (number: number) => {
  const panel = figures.find((figure) => figure.number === number)?.panels[0];
  if (panel === undefined) throw new Error(`no figure ${number}`);
  return panel;
};

it("a chart draws each adapter in its own colour, which follows the page's theme", () => {
  const svg = lineChart(panel(2));
  for (const name of ["baseline", "memory", "browser", "redis", "nats"]) {
    expect(svg).toContain(`stroke="var(--${name})" data-adapter="${name}"`);
  }
  expect(svg.match(/="#[0-9a-f]+"/)).toBeNull();
});

it("a chart dashes the baseline", () => {
  const dashed = lineChart(panel(2)).match(/<path [^>]*stroke-dasharray[^>]*>/g) ?? [];
  expect(dashed).toHaveLength(1);
  expect(dashed[0]).toContain("baseline");
});

it("a chart draws at most 300 of 2,700 points", () => {
  const lines = lineChart(panel(5)).match(/ d="M[^"]{200,}"/g) ?? [];
  expect(lines).toHaveLength(10);
  for (const line of lines) expect(line.match(/[ML]/g)?.length).toBeLessThanOrEqual(300);
});

it("a chart has no ids or styles that collide with another chart's on the same page", () => {
  const svg = lineChart(panel(10));
  expect(svg).not.toMatch(/ id="|<style|class="|url\(/);
});

it("a chart leaves gaps open", () => {
  const { lines, ...rest } = panel(2);
  const points = [
    [1, 1],
    [2, 1],
    [3, null],
    [4, 1],
    [5, 1],
  ] as const;
  const svg = lineChart({ ...rest, lines: lines.slice(0, 1).map((line) => ({ ...line, points })) });
  const path = /<path d="([^"]*)"[^>]*data-adapter="baseline"/.exec(svg)?.[1];
  expect(path?.match(/M/g)).toHaveLength(2);
});
