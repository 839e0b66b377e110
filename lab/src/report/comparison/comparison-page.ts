import type { AdapterName, LabResult } from "../../result.ts";
import { ADAPTER_LOOKS } from "../adapters.ts";
import { adapterSwitches, panelFigure } from "../figures-section.ts";
import { type Figure, figuresOf } from "../figures.ts";
import { markup, type Markup, type MarkupValue, tableCell } from "../markup.ts";
import { page } from "../page.ts";
import { formatCount, formatDuration } from "../quantity.ts";
import type { ComparedAdapter, ComparedMetric, Comparison } from "./compare-results.ts";
import { comparisonHeadline, formatNoise, formatRatio, formatValue } from "./format-comparison.ts";

/** Renders two runs side by side as one HTML page. */
export function comparisonPage(comparison: Comparison): string {
  const { a, b, adapters, cautions } = comparison;
  return page("LiveStash lab, two runs", [
    markup`<header class="top">
<p class="brand">LiveStash for TypeScript <span>performance lab, two runs</span></p>
<h1>${comparisonHeadline(comparison)}</h1>
<p class="lead">Ratios are B divided by A; less is better everywhere. A ratio counts as a change when it lies outside of the noise, two standard errors as far as the samples tell, and never less than the few percent by which two runs of the same code differ.</p>
</header>
<ul class="cards pair">${[runCard("A", a), runCard("B", b)]}</ul>
${cautions.length === 0 ? null : cautionList(cautions)}`,
    ...changesSection(adapters),
    ...adapters.map(adapterSection),
    figuresSideBySide(a, b),
  ]);
}

function runCard(name: string, { scenario, commit, startedAt, machine }: LabResult): Markup {
  const hash =
    commit.hash === null
      ? "unknown commit"
      : `${commit.hash.slice(0, 12)}${commit.isDirty ? " with changes" : ""}`;
  const time = startedAt.slice(0, 16).replace("T", " ");
  return markup`<li class="card"><h2>${name}</h2><p class="place">${time} UTC, ${hash}</p><p class="what">${scenario.preset}: ${formatCount(scenario.users)} users, TTL ${formatDuration(scenario.ttlMs)}, ${formatDuration(scenario.durationMs)}; ${machine.cpuModel}, ${machine.cpuCount} cores</p></li>`;
}

function cautionList(cautions: readonly string[]): Markup {
  return markup`<section class="problems" aria-labelledby="cautions"><h2 id="cautions">Read this first</h2><ul>${cautions.map(
    (text) => markup`<li>${text}</li>`,
  )}</ul></section>`;
}

/** Renders all changes of every adapter, which most readers look for first. */
function changesSection(adapters: readonly ComparedAdapter[]): readonly Markup[] {
  const changed = adapters.flatMap(({ adapter, metrics }) => {
    const rows = metrics.filter(({ change }) => change === "better" || change === "worse");
    return rows.length === 0 ? [] : [{ adapter, rows }];
  });
  if (changed.length === 0) return [];
  return [
    markup`<section class="block"><h2>What changed</h2>
${comparedTable(
  changed.map(({ adapter, rows }) => [
    groupRow(ADAPTER_LOOKS[adapter].label),
    rows.map((metric) => metricRow(metric, adapter)),
  ]),
)}</section>`,
  ];
}

function adapterSection({ adapter, metrics }: ComparedAdapter): Markup {
  return markup`<section class="block"><h2 class="a-${adapter}"><span class="name">${ADAPTER_LOOKS[adapter].label}</span></h2>
${comparedTable(
  metrics.map((metric, index) => [
    metrics[index - 1]?.group === metric.group ? null : groupRow(metric.group),
    metricRow(metric, adapter),
  ]),
)}</section>`;
}

function comparedTable(rows: MarkupValue): Markup {
  return markup`<table class="compared"><thead><tr><th scope="col">Figure</th><th scope="col">A</th><th scope="col">B</th><th scope="col" class="wide">half · same · double</th><th scope="col">B ÷ A</th></tr></thead><tbody>${rows}</tbody></table>`;
}

function groupRow(name: string): Markup {
  return markup`<tr class="group"><th colspan="5" scope="rowgroup">${name}</th></tr>`;
}

function metricRow(metric: ComparedMetric, adapter: AdapterName): Markup {
  const change =
    metric.change === null || metric.change === "same"
      ? null
      : markup`<small class="change">${metric.change}</small>`;
  return markup`<tr class="a-${adapter} is-${metric.change ?? "none"}"><th scope="row">${metric.name}</th>${[
    tableCell("A", formatValue(metric, metric.a)),
    tableCell("B", formatValue(metric, metric.b)),
  ]}<td class="wide">${ratioBar(metric)}</td><td><b>${formatRatio(metric)}</b>${change ?? markup`<small>${formatNoise(metric)}</small>`}</td></tr>`;
}

/** Renders a ratio on a scale from half to double. The noise is a band around 1. */
function ratioBar({ ratio, noise }: ComparedMetric): Markup | null {
  if (ratio === null || ratio <= 0) return null;
  const at = (ratio: number) => 50 + 50 * Math.max(-1, Math.min(1, Math.log2(ratio)));
  const band = noise === null ? 0 : at(1 + noise) - 50;
  return markup`<div class="ratio" aria-hidden="true"><i class="band" style="left:${(50 - band).toFixed(1)}%;width:${(2 * band).toFixed(1)}%"></i><i class="one"></i><i class="dot" style="left:${at(ratio).toFixed(1)}%"></i></div>`;
}

function figuresSideBySide(a: LabResult, b: LabResult): Markup {
  const figuresOfB = figuresOf(b);
  return markup`<section class="figures" aria-labelledby="figures"><h2 id="figures">Over time</h2>
<p class="intro">A to the left, B to the right, on the same scale.</p>
${adapterSwitches([...new Map([...a.runs, ...b.runs].map((run) => [run.adapter, run])).values()])}
${figuresOf(a).map((figure, index) => {
  const other = figuresOfB[index];
  return other === undefined ? null : figurePair(figure, other);
})}</section>`;
}

function figurePair(a: Figure, b: Figure): Markup {
  return markup`<article class="figure-card pair" id="${a.id}"><div class="figure-text"><h3><span>${a.number}</span>${a.title}</h3><p>${a.what}</p></div>
${a.panels.map((panel, index) => {
  const other = b.panels[index];
  if (other === undefined) return null;
  const largest = Math.max(panel.largest, other.largest);
  const durationMs = Math.max(panel.durationMs, other.durationMs);
  return [
    panelFigure({ ...panel, title: `A: ${panel.title}`, largest, durationMs }, a.title),
    panelFigure({ ...other, title: `B: ${other.title}`, largest, durationMs }, b.title),
  ];
})}</article>`;
}
