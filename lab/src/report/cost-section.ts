import type { AdapterRun, LabResult } from "../result.ts";
import { ADAPTER_LOOKS } from "./adapters.ts";
import { markup, type Markup, tableCell } from "./markup.ts";
import { MEASURED_ON, MEASURED_ORIGINAL } from "./original.ts";
import { formatCount, formatOver, formatQuantity } from "./quantity.ts";

/** Renders CPU and bytes per cycle beside the original's. */
export function costSection({ runs }: LabResult): Markup {
  return markup`<section class="block" aria-labelledby="cost">
<h2 id="cost">What a stash costs</h2>
<p class="intro">A cycle is one join (mostly a reconnect), one stash, and a share of page loads. Both nodes together, over the steady time. <span class="hollow-key"></span> ${MEASURED_ON}: compare the percentages, not the milliseconds.</p>
<h3>CPU per cycle</h3>
${cpuBars(runs)}
<h3>Bytes per cycle</h3>
${bytesTable(runs)}
</section>`;
}

function cpuBars(runs: readonly AdapterRun[]): Markup {
  const originals = runs.map(({ adapter }) => MEASURED_ORIGINAL[adapter].cpuMsPerCycle);
  const end = Math.max(0.01, ...originals, ...runs.map((run) => run.perCycle.cpuMs ?? 0)) * 1.02;
  const share = (ms: number) => `${((100 * ms) / end).toFixed(2)}%`;
  const base = runs.find((run) => run.adapter === "baseline")?.perCycle.cpuMs ?? null;
  return markup`<div class="bars">${runs.map(({ adapter, perCycle: { cpuMs } }) => {
    const look = ADAPTER_LOOKS[adapter];
    const original = MEASURED_ORIGINAL[adapter].cpuMsPerCycle;
    const over = (value: number | null, base: number | null) =>
      adapter === "baseline" ? "" : formatOver(value, base);
    return markup`<div class="bar-row a-${adapter}">
<div class="bar-name">${look.label}<small>original ${look.original}</small></div>
<div class="bar-track"><i class="bar" style="width:${share(cpuMs ?? 0)}"></i><i class="bar hollow" style="width:${share(original)}"></i></div>
<div class="bar-value">${formatQuantity(cpuMs, "ms")}<small>${formatQuantity(original, "ms")}</small></div>
<div class="bar-over">${over(cpuMs, base)}<small>${over(original, MEASURED_ORIGINAL.baseline.cpuMsPerCycle)}</small></div>
</div>`;
  })}</div>`;
}

function bytesTable(runs: readonly AdapterRun[]): Markup {
  const cell = (label: string, value: number | null, original: number | null = null) =>
    tableCell(label, value === null ? "–" : formatCount(Math.round(value)), {
      small: original && markup`<small>${formatCount(original)}</small>`,
    });
  return markup`<table class="stack">
<thead><tr><th scope="col">Bytes</th><th scope="col">in from clients</th><th scope="col">out to clients</th><th scope="col">between nodes</th><th scope="col">into the store</th><th scope="col">out of it</th><th scope="col">one stash</th><th scope="col">token of the page</th></tr></thead>
<tbody>${runs.map(({ adapter, perCycle, stash }) => {
    const original = MEASURED_ORIGINAL[adapter];
    const look = ADAPTER_LOOKS[adapter];
    return markup`<tr class="a-${adapter}"><th scope="row"><span class="name">${look.label}</span><small>original ${look.original}${original.otherBytes === null ? null : `: ${original.otherBytes}`}</small></th>${[
      cell("in from clients", perCycle.clientInBytes, original.clientInBytes),
      cell("out to clients", perCycle.clientOutBytes, original.clientOutBytes),
      cell("between nodes", sum(perCycle.interNodeBytes, perCycle.natsRouteBytes)),
      cell("into the store", sum(perCycle.redisInBytes, perCycle.natsInBytes)),
      cell("out of the store", sum(perCycle.redisOutBytes, perCycle.natsOutBytes)),
      cell("one stash", stash.storedBytes, original.storedBytes),
      cell("token of the page", stash.heldCharacters, original.heldCharacters),
    ]}</tr>`;
  })}</tbody></table>`;
}

function sum(first: number | null, second: number | null): number | null {
  return first === null && second === null ? null : (first ?? 0) + (second ?? 0);
}
