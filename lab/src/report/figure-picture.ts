import { ADAPTER_LOOKS, adapterColour } from "./adapters.ts";
import type { Figure, Panel } from "./figures.ts";
import { CHART, lineChart } from "./line-chart.ts";
import { Markup, markup } from "./markup.ts";
import { formatQuantity } from "./quantity.ts";
import { themeStyles } from "./theme.ts";

const GAP = 24;
const MARGIN = 20;
const HEAD_HEIGHT = 64;
const PANEL_HEAD_HEIGHT = 26;
const LEGEND_ROW_HEIGHT = 20;

/**
 * Draws a figure as one self-contained SVG file: panels side by side, each with its numbers, in the
 * reader's light or dark theme.
 *
 * @param warning A note for readers who see only this picture.
 */
export function figurePicture(figure: Figure, warning: string | null): string {
  const { panels } = figure;
  const rows = Math.max(1, ...panels.map((panel) => panel.lines.length));
  const width = MARGIN * 2 + panels.length * CHART.width + (panels.length - 1) * GAP;
  const top = MARGIN + HEAD_HEIGHT;
  const height =
    top + PANEL_HEAD_HEIGHT + CHART.height + 8 + Math.ceil(rows / 2) * LEGEND_ROW_HEIGHT + MARGIN;
  return picture({
    width,
    height,
    title: `${figure.number}. ${figure.title}`,
    subtitle: `${describeSummary(figure)}. All adapters from their own start.`,
    warning,
    content: panels.map((panel, index) => {
      const left = MARGIN + index * (CHART.width + GAP);
      return markup`<g transform="translate(${left} ${top})">${panelPicture(panel)}</g>`;
    }),
  });
}

/** Describes the numbers in a figure's legends. */
export function describeSummary({ panels }: Figure): string {
  return panels.some((panel) => panel.summary === "peak")
    ? "Numbers: the peak of the run"
    : "Numbers: the mean of the steady time (shaded)";
}

/** Draws the frame of a picture: card, title, colours. */
export function picture({
  width,
  height,
  title,
  subtitle,
  warning,
  content,
}: {
  readonly width: number;
  readonly height: number;
  readonly title: string;
  readonly subtitle: string;
  readonly warning: string | null;
  readonly content: readonly Markup[];
}): string {
  return markup`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${title}"><style>${new Markup(
    themeStyles("svg"),
  )}text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",Arial,sans-serif}</style><rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="12" fill="var(--card)" stroke="var(--rule)"/><text x="${MARGIN}" y="${MARGIN + 18}" font-size="18" font-weight="650" fill="var(--ink)">${title}</text><text x="${MARGIN}" y="${MARGIN + 40}" font-size="13" fill="var(--muted)">${subtitle}</text>${
    warning &&
    markup`<text x="${width - MARGIN}" y="${MARGIN + 18}" font-size="14" font-weight="600" text-anchor="end" fill="var(--bad)">${warning}</text>`
  }${content}</svg>
`.text;
}

function panelPicture(panel: Panel): Markup {
  const chart = lineChart(panel).replace(
    "<svg",
    `<svg y="${PANEL_HEAD_HEIGHT}" width="${CHART.width}" height="${CHART.height}"`,
  );
  const legendTop = PANEL_HEAD_HEIGHT + CHART.height + 20;
  const legend = panel.lines.map(({ adapter, summary }, index) => {
    const x = CHART.left + (index % 2) * 160;
    const y = legendTop + Math.floor(index / 2) * LEGEND_ROW_HEIGHT;
    const dash = adapter === "baseline" ? markup` stroke-dasharray="5 3"` : null;
    return markup`<path d="M${x} ${y - 4}h16" stroke="${adapterColour(adapter)}" stroke-width="3"${dash}/><text x="${x + 22}" y="${y}" font-size="12.5" fill="var(--ink)">${ADAPTER_LOOKS[adapter].label}</text><text x="${x + 146}" y="${y}" font-size="12.5" text-anchor="end" fill="var(--muted)">${formatQuantity(summary, panel.unit)}</text>`;
  });
  const nothing =
    panel.lines.length === 0
      ? markup`<text x="${CHART.left + 10}" y="${PANEL_HEAD_HEIGHT + 30}" font-size="13" fill="var(--muted)">No adapter in this run uses it.</text>`
      : null;
  return markup`<text x="${CHART.left}" y="14" font-size="13" font-weight="600" fill="var(--ink)">${panel.title}</text>${new Markup(chart)}${legend}${nothing}`;
}
