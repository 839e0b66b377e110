import type { AdapterRun, LabResult } from "../result.ts";
import { ADAPTER_LOOKS } from "./adapters.ts";
import { markup, type Markup } from "./markup.ts";
import { formatCount, formatQuantity } from "./quantity.ts";
import { tableCell } from "./table-cell.ts";
import { errorCount } from "./verdict.ts";

const COLUMNS = [
  ["recovered", "back in time, all there", false],
  ["expired", "back after the TTL, rightly gone", false],
  ["lost", "back in time, gone", true],
  ["revived", "back after the TTL, still there", true],
  ["wrong", "another value than it must be", true],
] as const;

/** What became of every return, and what failed. */
export function countsSection({ runs }: LabResult): Markup {
  return markup`<section class="block" aria-labelledby="counts">
<h2 id="counts">What came back</h2>
<p class="intro">Every return was checked: status, count, number of entries, and a value among them. Ramps included.</p>
<table class="stack"><thead><tr><th scope="col">Returns</th>${COLUMNS.map(
    ([name, what]) => markup`<th scope="col">${name}<small>${what}</small></th>`,
  )}<th scope="col">errors<small>steps that failed</small></th></tr></thead>
<tbody>${runs.map((run) => {
    const errors = errorCount(run);
    const what = Object.entries(run.counts.errors).map(
      ([what, count]) => markup`<small>${what} × ${formatCount(count)}</small>`,
    );
    return markup`<tr class="a-${run.adapter}"><th scope="row"><span class="name">${ADAPTER_LOOKS[run.adapter].label}</span><small>of ${formatCount(run.counts.reconnects)} reconnects</small></th>${COLUMNS.map(
      ([name, , isBad]) =>
        tableCell(name, hasNoStash(run) ? "–" : formatCount(run.counts[name]), {
          isBad: isBad && run.counts[name] > 0,
        }),
    )}${tableCell("errors", formatCount(errors), { isBad: errors > 0, small: what })}</tr>`;
  })}</tbody></table>
<h3>Nodes at rest</h3>
<p class="intro">After a collection of garbage, before the first user and after the last one has left, both nodes together. Handles and timers that grow here leak; stashes that have not expired are still held.</p>
${restTable(runs)}
</section>`;
}

/** Its returns have nothing to recover and nothing to lose; a wrong page can still come. */
function hasNoStash({ adapter, counts }: AdapterRun): boolean {
  return adapter === "baseline" && counts.wrong + counts.lost + counts.revived === 0;
}

function restTable(runs: LabResult["runs"]): Markup {
  const keys = [
    ["handles", "count"],
    ["timers", "count"],
    ["heapUsedBytes", "bytes"],
    ["externalBytes", "bytes"],
    ["rssBytes", "bytes"],
    ["adapterEntries", "count"],
  ] as const;
  const labels = ["handles", "timers", "heap", "external", "RSS", "stashes"];
  return markup`<table class="stack"><thead><tr><th scope="col">Before → after</th>${labels.map(
    (label) => markup`<th scope="col">${label}</th>`,
  )}</tr></thead><tbody>${runs.map(({ adapter, nodes }) => {
    const total = (key: (typeof keys)[number][0], when: "before" | "after") => {
      const values = nodes.map((node) => node[when]?.[key] ?? null);
      return values.includes(null) ? null : values.reduce<number>((a, b) => a + (b ?? 0), 0);
    };
    return markup`<tr class="a-${adapter}"><th scope="row"><span class="name">${ADAPTER_LOOKS[adapter].label}</span></th>${keys.map(
      ([key, unit], index) =>
        tableCell(
          labels[index] ?? key,
          `${formatQuantity(total(key, "before"), unit)} → ${formatQuantity(total(key, "after"), unit)}`,
        ),
    )}</tr>`;
  })}</tbody></table>`;
}
