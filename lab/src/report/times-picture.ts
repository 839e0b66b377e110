import type { LabResult, StepName } from "../result.ts";
import { ADAPTER_LOOKS, adapterColour } from "./adapters.ts";
import { picture } from "./figure-picture.ts";
import { markup, type Markup } from "./markup.ts";
import { MEASURED_ORIGINAL } from "./original.ts";
import { formatDigits } from "./quantity.ts";
import { timeScale, type TimeScale } from "./scales.ts";
import { invalidNote } from "./verdict.ts";

const STEPS: readonly (readonly [name: StepName, title: string])[] = [
  ["firstRender", "First render"],
  ["stash", "Stash"],
  ["reconnect", "Reconnect"],
];

const LEFT = 100;
const RANGE_WIDTH = 170;
const COLUMN_WIDTH = 285;
const GAP = 30;
const TOP = 84;
const ROW_HEIGHT = 46;
const WIDTH = LEFT + STEPS.length * COLUMN_WIDTH + (STEPS.length - 1) * GAP + 20;

/** Draws table 3 as one SVG file: from p50 to p99 of each step, ours and the original's. */
export function timesPicture(result: LabResult): string {
  const { runs } = result;
  const scale = timeScale(runs.map(({ steps }) => steps));
  const bottom = TOP + 28 + runs.length * ROW_HEIGHT;
  return picture({
    width: WIDTH,
    height: bottom + 16,
    title: "Round trips, from p50 to p99",
    subtitle:
      "p50 / p95 / p99 in ms. Filled: ours. Outlined: LiveStash 1.0.1 (Elixir), measured on other hardware.",
    warning: invalidNote(result),
    content: [
      ...runs.map(
        ({ adapter }, row) =>
          markup`<text x="20" y="${TOP + 40 + row * ROW_HEIGHT}" font-size="14" font-weight="600" fill="var(--ink)">${ADAPTER_LOOKS[adapter].label}</text>`,
      ),
      ...STEPS.map(
        ([name, title], column) =>
          markup`<g transform="translate(${LEFT + column * (COLUMN_WIDTH + GAP)} ${TOP})"><text y="2" font-size="14" font-weight="600" fill="var(--ink)">${title}</text>${axis(scale, bottom - TOP)}${runs.map(
            (run, row) =>
              markup`<g transform="translate(0 ${28 + row * ROW_HEIGHT})">${ranges(run, name, scale)}</g>`,
          )}</g>`,
      ),
    ],
  });
}

function axis(scale: TimeScale, height: number): readonly Markup[] {
  return scale.decades.map(({ ms, percent }) => {
    const x = at(percent);
    return markup`<path d="M${x} 22V${height}" stroke="var(--rule)"/><text x="${x}" y="18" font-size="11" text-anchor="middle" fill="var(--muted)">${decadeLabel(ms)}</text>`;
  });
}

/** Formats a decade's label: short, because decades stand side by side. */
const decadeLabel = (ms: number): string => (ms < 1_000 ? `${ms} ms` : `${ms / 1_000} s`);

function ranges(run: LabResult["runs"][number], step: StepName, scale: TimeScale): Markup | null {
  const { count, p50Ms, p95Ms, p99Ms } = run.steps[step].fromSentMs;
  const original = MEASURED_ORIGINAL[run.adapter].times[step];
  if (count === 0) return null;
  const colour = adapterColour(run.adapter);
  const bar = (fromMs: number, toMs: number) => {
    const from = scale.percentOf(fromMs);
    const width = Math.max(0.8, scale.percentOf(toMs) - from);
    return markup`x="${at(from)}" width="${at(width)}"`;
  };
  const numbers = [p50Ms, p95Ms, p99Ms].map(formatDigits).join(" / ");
  return markup`<rect ${bar(p50Ms, p99Ms)} y="0" height="14" rx="3" fill="${colour}"/><path d="M${at(scale.percentOf(p95Ms))} 0v14" stroke="var(--card)" stroke-width="2"/><text x="${COLUMN_WIDTH}" y="12" font-size="12" text-anchor="end" fill="var(--ink)">${numbers}</text>${
    original &&
    markup`<text x="${COLUMN_WIDTH}" y="28" font-size="12" text-anchor="end" fill="var(--muted)">${original.map((ms) => ms.toFixed(1)).join(" / ")}</text><rect ${bar(original[0], original[2])} y="19" height="9" rx="3" fill="none" stroke="${colour}" stroke-width="1.5"/>`
  }`;
}

function at(percent: number): string {
  return ((percent / 100) * RANGE_WIDTH).toFixed(1);
}
