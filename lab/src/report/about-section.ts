import type { LabResult } from "../result.ts";
import { ADAPTER_LOOKS } from "./adapters.ts";
import { markup, type Markup, tableCell } from "./markup.ts";
import { formatCount, formatDuration, formatQuantity } from "./quantity.ts";

/** Renders the machine, the versions and the scenario: the facts needed to repeat the run. */
export function aboutSection(result: LabResult): Markup {
  const { machine, commit, scenario, versions, runs } = result;
  const commitText =
    commit.hash === null
      ? "not in a git repository"
      : `${commit.hash.slice(0, 12)}${commit.isDirty ? ", with changes that are not committed" : ""}`;
  const facts: readonly (readonly [string, string])[] = [
    ["Processor", `${machine.cpuModel}, ${machine.cpuCount} cores`],
    ["Memory", formatQuantity(machine.memoryBytes, "bytes")],
    ["System", machine.system],
    [
      "Versions",
      Object.entries(versions)
        .map((pair) => pair.join(" "))
        .join(", "),
    ],
    ["Commit", commitText],
    ["Preset", scenario.preset],
    ["Users, TTL", `${formatCount(scenario.users)}, ${formatDuration(scenario.ttlMs)}`],
    [
      "Length",
      `${formatDuration(scenario.durationMs)}, including ramps of ${formatDuration(scenario.rampUpMs)} up and ${formatDuration(scenario.rampDownMs)} down`,
    ],
    ["Planned after the TTL", `${Math.round(scenario.lateShare * 100)}\u00a0% of returns`],
    ["Seed, workers", `${scenario.seed}, ${scenario.workers}`],
    ["Started", timeOf(result.startedAt)],
    ["Finished", timeOf(result.finishedAt)],
  ];
  return markup`<section class="block" aria-labelledby="about">
<h2 id="about">Where it was measured</h2>
<dl class="facts">${facts.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
<h3>The load generator</h3>
<p class="intro">The generator plans every step ahead, and measures its own lateness. A run in which the generator was late or fully busy is marked invalid.</p>
<table class="stack"><thead><tr><th scope="col">Lateness</th><th scope="col">p50</th><th scope="col">p99</th><th scope="col">max</th><th scope="col">CPU per cycle</th><th scope="col">source addresses</th><th scope="col">valid</th></tr></thead>
<tbody>${runs.map(
    ({ adapter, load, perCycle, validity }) =>
      markup`<tr class="a-${adapter}"><th scope="row"><span class="name">${ADAPTER_LOOKS[adapter].label}</span></th>${[
        tableCell("lateness p50", formatQuantity(load.latenessMs.p50Ms, "ms")),
        tableCell("lateness p99", formatQuantity(load.latenessMs.p99Ms, "ms")),
        tableCell("lateness max", formatQuantity(load.latenessMs.maxMs, "ms")),
        tableCell("CPU per cycle", formatQuantity(perCycle.loadCpuMs, "ms")),
        tableCell("source addresses", formatCount(load.sourceAddresses)),
        tableCell("valid", validity.isValid ? "yes" : "no", { isBad: !validity.isValid }),
      ]}</tr>`,
  )}</tbody></table>
</section>`;
}

/** Formats a time, such as "2026-11-24 12:00:05 UTC". */
function timeOf(iso: string): string {
  return `${iso.slice(0, 19).replace("T", " ")} UTC`;
}
