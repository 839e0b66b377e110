import type { AdapterRun, LabResult } from "../result.ts";
import { ADAPTER_LOOKS } from "./adapters.ts";
import { markup, type Markup, tableCell } from "./markup.ts";
import { formatCount, formatQuantity } from "./quantity.ts";
import { errorCount } from "./verdict.ts";

const COLUMNS = [
  ["recovered", "returned in time, state complete", false],
  ["expired", "returned after the TTL, state gone", false],
  ["lost", "returned in time, state gone", true],
  ["revived", "returned long after the TTL, state still there", true],
  ["wrong", "showed a different value than expected", true],
] as const;

/** Renders the outcomes of all returns, and the errors. */
export function countsSection({ runs }: LabResult): Markup {
  return markup`<section class="block" aria-labelledby="counts">
<h2 id="counts">Returns</h2>
<p class="intro">Every return was checked: its status, its count, the number of entries and one entry's value. Ramps are included.</p>
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
<p class="intro">Both nodes together, after a garbage collection, before the first user and after the last one has left. Handles and timers that grow here leak. Stashes that have not expired are still stored.</p>
${restTable(runs)}
</section>`;
}

/** Whether a run's returns have no outcomes to show: the baseline, unless a page was wrong. */
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
