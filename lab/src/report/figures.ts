import type { AdapterName, LabResult } from "../result.ts";
import { FIGURES, type FigureDefinition } from "./figure-definitions.ts";
import type { PanelDefinition } from "./panel-definition.ts";
import { largest, mean, valuesBetween, type Point } from "./series.ts";

/** One adapter's line in a chart. */
export interface Line {
  readonly adapter: AdapterName;
  readonly points: readonly Point[];
  /** The number in the legend: the mean of the steady time, or the peak. */
  readonly summary: number | null;
}

export interface Panel extends Pick<PanelDefinition, "title" | "unit" | "summary" | "isJagged"> {
  readonly lines: readonly Line[];
  /** The largest value of the axis, the same in panels that are compared. */
  readonly largest: number;
  readonly durationMs: number;
  /** The time between the ramps. */
  readonly steady: { readonly fromMs: number; readonly toMs: number };
}

export interface Figure extends Omit<FigureDefinition, "panels"> {
  readonly panels: readonly Panel[];
}

/** Computes all figures of a run, with every adapter's lines starting at 0. */
export function figuresOf(result: LabResult): readonly Figure[] {
  const durationMs = axisEndMs(result.runs);
  const steady = result.runs[0]?.steady ?? { fromMs: 0, toMs: durationMs };
  return FIGURES.map(({ panels, ...figure }) => {
    const drawn = panels.map((panel) => {
      const lines = linesOf(panel, result);
      return { ...panel, lines, largest: largestOf(lines), durationMs, steady };
    });
    return { ...figure, panels: sameScale(drawn) };
  });
}

/** Extends the axis to the last sample, which is taken a moment after the last user has left. */
function axisEndMs(runs: LabResult["runs"]): number {
  const ends = runs.flatMap(({ durationMs, nodes, load }) => [
    durationMs,
    load.samples.atMs.at(-1) ?? 0,
    ...nodes.map(({ samples }) => samples.atMs.at(-1) ?? 0),
  ]);
  return Math.max(1, ...ends.map((ms) => Math.round(ms / 1000))) * 1000;
}

function linesOf(panel: PanelDefinition, { runs }: LabResult): readonly Line[] {
  return runs.flatMap((run) => {
    const points = panel.read(run);
    if (points === null) return [];
    const { fromMs, toMs } = run.steady;
    const summary =
      panel.summary === "mean"
        ? mean(valuesBetween(points, fromMs, toMs))
        : largest(valuesBetween(points, 0, Number.POSITIVE_INFINITY));
    return [{ adapter: run.adapter, points, summary }];
  });
}

function largestOf(lines: readonly Line[]): number {
  return largest(lines.flatMap(({ points }) => points.map(([, value]) => value ?? 0))) ?? 0;
}

/** Gives two nodes, or Redis and NATS, the same scale, so that a reader can compare them at a glance. */
function sameScale(panels: readonly Panel[]): readonly Panel[] {
  const areAlike = panels.length === 2 || panels[0]?.title === "node-1";
  if (!areAlike) return panels;
  const top = Math.max(...panels.slice(0, 2).map((panel) => panel.largest));
  return panels.map((panel, index) => (index < 2 ? { ...panel, largest: top } : panel));
}
