import type { LabResult } from "../result.ts";
import { ADAPTER_LOOKS, adapterColour } from "./adapters.ts";
import { picture } from "./figure-picture.ts";
import { markup } from "./markup.ts";
import { MEASURED_ORIGINAL } from "./original.ts";
import { formatOver, formatQuantity } from "./quantity.ts";
import { invalidNote } from "./verdict.ts";

const WIDTH = 800;
const LEFT = 170;
const BARS_WIDTH = 440;
const TOP = 84;
const ROW_HEIGHT = 50;

/** Draws CPU per cycle, ours and the original's, as one SVG file. */
export function costPicture(result: LabResult): string {
  const { runs } = result;
  const originals = runs.map(({ adapter }) => MEASURED_ORIGINAL[adapter].cpuMsPerCycle);
  const end = Math.max(0.01, ...originals, ...runs.map((run) => run.perCycle.cpuMs ?? 0));
  const base = runs.find((run) => run.adapter === "baseline")?.perCycle.cpuMs ?? null;
  const width = (ms: number) => Math.max(1, (ms / end) * BARS_WIDTH).toFixed(1);
  return picture({
    width: WIDTH,
    height: TOP + runs.length * ROW_HEIGHT + 12,
    title: "CPU per cycle, both nodes",
    subtitle: "Filled: ours. Outlined: LiveStash 1.0.1 (Elixir), measured on other hardware.",
    warning: invalidNote(result),
    content: runs.map(({ adapter, perCycle: { cpuMs } }, index) => {
      const { label, original } = ADAPTER_LOOKS[adapter];
      const theirs = MEASURED_ORIGINAL[adapter].cpuMsPerCycle;
      const colour = adapterColour(adapter);
      const over = (value: number | null, base: number | null) =>
        adapter === "baseline" ? "" : formatOver(value, base);
      return markup`<g transform="translate(0 ${TOP + index * ROW_HEIGHT})" font-size="13"><text x="20" y="14" font-size="15" font-weight="600" fill="var(--ink)">${label}</text><text x="20" y="32" fill="var(--muted)">${original}</text><rect x="${LEFT}" y="0" width="${width(cpuMs ?? 0)}" height="16" rx="3" fill="${colour}"/><rect x="${LEFT}" y="21" width="${width(theirs)}" height="10" rx="3" fill="none" stroke="${colour}" stroke-width="1.5"/><g text-anchor="end"><text x="706" y="14" font-size="15" font-weight="600" fill="var(--ink)">${formatQuantity(cpuMs, "ms")}</text><text x="706" y="32" fill="var(--muted)">${formatQuantity(theirs, "ms")}</text><text x="780" y="14" font-size="15" font-weight="600" fill="var(--ink)">${over(cpuMs, base)}</text><text x="780" y="32" fill="var(--muted)">${over(theirs, MEASURED_ORIGINAL.baseline.cpuMsPerCycle)}</text></g></g>`;
    }),
  });
}
