import { LineChart, type LineSeriesOption } from "echarts/charts";
import {
  GridComponent,
  MarkAreaComponent,
  type GridComponentOption,
  type MarkAreaComponentOption,
} from "echarts/components";
import { init, use, type ComposeOption } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { adapterColour } from "./adapters.ts";
import type { Line, Panel } from "./figures.ts";
import { niceScale, timeStepSeconds, type NiceScale } from "./scales.ts";
import { formatTicks } from "./quantity.ts";
import { downsample, movingMean, type Point } from "./series.ts";

use([LineChart, GridComponent, MarkAreaComponent, SVGRenderer]);

type Option = ComposeOption<LineSeriesOption | GridComponentOption | MarkAreaComponentOption>;

/** The plot's position in the chart, in the chart's pixels. The page's cursor computes times from it. */
export const CHART = { width: 380, height: 200, left: 58, right: 12, top: 10, bottom: 26 } as const;

const MAX_POINTS = 300;
const MAX_FAINT_POINTS = 160;
/** A fortieth of the run: smooth enough to distinguish five lines, short enough to show a ramp. */
const SMOOTHED_SHARE = 1 / 40;

/**
 * Draws one panel as SVG. Its colours are CSS variables, one per adapter, so that the chart follows the
 * page's theme.
 */
export function lineChart(panel: Panel): string {
  const chart = init(null, null, {
    renderer: "svg",
    ssr: true,
    width: CHART.width,
    height: CHART.height,
  });
  chart.setOption(chartOption(panel));
  const svg = chart.renderToSVGString();
  // A chart that is not disposed keeps the process alive.
  chart.dispose();
  return withoutHover(svg);
}

/** The number of seconds that a jagged panel's strong lines average. */
export function smoothedSeconds({ durationMs }: Pick<Panel, "durationMs">): number {
  const seconds = Math.round((durationMs / 1000) * SMOOTHED_SHARE);
  return Math.max(3, seconds % 2 === 0 ? seconds + 1 : seconds);
}

/** Computes a panel's vertical axis. */
export function panelScale({ largest, unit }: Pick<Panel, "largest" | "unit">): NiceScale {
  return niceScale(largest, 4, unit === "count" ? 1 : 0);
}

function chartOption(panel: Panel): Option {
  const { durationMs, unit } = panel;
  const scale = panelScale(panel);
  const durationSeconds = durationMs / 1000;
  const label = { color: "var(--muted)", fontSize: 12, fontFamily: "inherit" };
  return {
    animation: false,
    color: ["var(--steady)"],
    grid: { left: CHART.left, right: CHART.right, top: CHART.top, bottom: CHART.bottom },
    xAxis: {
      type: "value",
      min: 0,
      max: durationSeconds,
      interval: timeStepSeconds(durationSeconds, 6),
      axisLine: { lineStyle: { color: "var(--rule-strong)" } },
      axisTick: { show: false },
      splitLine: { show: false },
      axisLabel: { ...label, formatter: timeTick(durationSeconds), showMaxLabel: false },
    },
    yAxis: {
      type: "value",
      min: 0,
      max: scale.end,
      interval: scale.step,
      axisLine: { show: false },
      axisTick: { show: false },
      splitLine: { lineStyle: { color: "var(--rule)" } },
      axisLabel: { ...label, formatter: formatTicks(unit, scale.end) },
    },
    series: [steadyTime(panel), ...panel.lines.toReversed().flatMap((line) => draw(line, panel))],
  };
}

function timeTick(durationSeconds: number): (second: number) => string {
  if (durationSeconds <= 120) return (second) => (second === 0 ? "0" : `${second}\u00a0s`);
  return (second) => {
    const minutes = Math.floor(second / 60);
    return second === 0 ? "0" : `${minutes}:${String(second % 60).padStart(2, "0")}`;
  };
}

function steadyTime({ steady }: Panel): LineSeriesOption {
  return {
    type: "line",
    data: [],
    silent: true,
    markArea: {
      silent: true,
      itemStyle: { color: "var(--steady)" },
      data: [[{ xAxis: steady.fromMs / 1000 }, { xAxis: steady.toMs / 1000 }]],
    },
  };
}

function draw({ adapter, points }: Line, panel: Panel): readonly LineSeriesOption[] {
  const isBaseline = adapter === "baseline";
  const stroke = (points: readonly Point[], width: number, opacity: number): LineSeriesOption => ({
    type: "line",
    silent: true,
    showSymbol: false,
    emphasis: { disabled: true },
    data: points.map(([second, value]) => [second, value]),
    lineStyle: {
      color: adapterColour(adapter),
      width,
      opacity,
      join: "round",
      type: isBaseline && opacity === 1 ? [5, 4] : "solid",
    },
  });
  const width = isBaseline ? 1.75 : 2;
  if (!panel.isJagged) return [stroke(downsample(points, MAX_POINTS), width, 1)];
  return [
    stroke(downsample(points, MAX_FAINT_POINTS), 1, 0.22),
    stroke(downsample(movingMean(points, smoothedSeconds(panel)), MAX_POINTS), width, 1),
  ];
}

/**
 * Removes parts of the renderer's output: attributes for pointers, which these charts do not use, and
 * clip paths, whose ids would collide on a page with many charts. The axes contain all lines anyway.
 */
function withoutHover(svg: string): string {
  return svg
    .replace(/<defs\s*>[\s\S]*?<\/defs>/g, "")
    .replace(/<style\s*>[\s\S]*?<\/style>/g, "")
    .replace(/ (clip-path|class|pointer-events|xml:space|ecmeta_[a-z_]+|baseProfile)="[^"]*"/g, "")
    .replace(/<path d=""[^>]*><\/path>/g, "")
    .replace(/ xmlns:xlink="[^"]*"| version="1\.1"/g, "")
    .replace(/font-family:[^;]*;/g, "")
    .replace(/ stroke="(var\(--(\w+)\))"/g, (text, _colour: string, name: string) =>
      name.startsWith("rule") ? text : `${text} data-adapter="${name}"`,
    )
    .replace(/<svg width="\d+" height="\d+"/, "<svg")
    .replaceAll("\n", "");
}
