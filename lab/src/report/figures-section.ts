import type { AdapterRun, LabResult } from "../result.ts";
import { ADAPTER_LOOKS } from "./adapters.ts";
import { describeSummary } from "./figure-picture.ts";
import { figuresOf, type Figure, type Panel } from "./figures.ts";
import { CHART, lineChart, panelScale, smoothedSeconds } from "./line-chart.ts";
import { Markup, markup } from "./markup.ts";
import { formatQuantity, tickScale } from "./quantity.ts";

/** Renders figures 2–10 of the study and ours, all adapters on one time axis. */
export function figuresSection(result: LabResult): Markup {
  const figures = figuresOf(result);
  const durationMs = figures[0]?.panels[0]?.durationMs ?? 0;
  return markup`<section class="figures" aria-labelledby="figures">
<h2 id="figures">Over time</h2>
<p class="intro">Every adapter ran alone, on nodes and services of its own. The time axis begins at each adapter's start. The shaded part is the time between the ramps. A faint line shows each second, the strong line on it the mean of ${smoothedSeconds({ durationMs })} seconds. The numbers are those of the original's study; 11 and 12 are new.</p>
${adapterSwitches(result.runs)}
${figures.map(figureArticle)}
</section>`;
}

/** Renders the buttons that hide an adapter in all figures. Without the script they are a legend. */
export function adapterSwitches(runs: readonly Pick<AdapterRun, "adapter" | "validity">[]): Markup {
  return markup`<div class="switches" role="group" aria-label="Adapters shown in the figures">${runs.map(
    ({ adapter, validity }) =>
      markup`<button type="button" class="a-${adapter}" data-switch="${adapter}" aria-pressed="true"><i class="key"></i>${ADAPTER_LOOKS[adapter].label}${validity.isValid ? null : markup` <em>invalid</em>`}</button>`,
  )}</div>`;
}

function figureArticle(figure: Figure): Markup {
  const { number, id, title, what, original, panels } = figure;
  return markup`<article class="figure-card panels-${panels.length}" id="${id}">
<div class="figure-text"><h3><span>${number}</span>${title}</h3><p>${what}</p>${
    original && markup`<p class="original"><b>The original, on other hardware.</b> ${original}</p>`
  }<p class="summary">${describeSummary(figure)}.</p></div>
${panels.map((panel) => panelFigure(panel, title))}
</article>`;
}

/** Renders one chart with its legend. The script reads the chart's attributes. */
export function panelFigure(panel: Panel, title: string): Markup {
  if (panel.lines.length === 0) {
    return markup`<figure class="panel"><figcaption>${panel.title}</figcaption><p class="nothing">No adapter of this run uses it.</p></figure>`;
  }
  const { end } = panelScale(panel);
  const { from, suffix } = tickScale(panel.unit, end);
  const svg = lineChart(panel).replace(
    "<svg",
    markup`<svg role="img" aria-label="${title}: ${panel.title}"`.text,
  );
  return markup`<figure class="panel" data-end="${end}" data-seconds="${panel.durationMs / 1000}" data-scale="${from}" data-suffix="${suffix}"><figcaption>${panel.title}</figcaption>
<div class="plot">${new Markup(svg)}</div>
<ul class="legend">${panel.lines.map(
    ({ adapter, summary }) =>
      markup`<li class="a-${adapter}" data-adapter="${adapter}"><i class="key"></i>${ADAPTER_LOOKS[adapter].label} <b>${formatQuantity(summary, panel.unit)}</b></li>`,
  )}</ul></figure>`;
}

/** The charts' geometry as JSON, for the page's script. */
export const CHART_GEOMETRY: string = JSON.stringify(CHART);
