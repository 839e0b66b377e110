import type { AdapterRun, LabResult } from "../result.ts";
import { ADAPTER_LOOKS } from "./adapters.ts";
import { markup, type Markup } from "./markup.ts";
import { formatCount, formatDuration, formatOver, formatQuantity } from "./quantity.ts";
import { BY_HAND, verdictOf, type Problem } from "./verdict.ts";

/** Renders the top of the page: the verdict, the problems, and one card for each adapter. */
export function overviewSection(result: LabResult): Markup {
  const { headline, isGood, problems } = verdictOf(result);
  const { scenario, machine, stashing } = result;
  const baseline = result.runs.find((run) => run.adapter === "baseline");
  return markup`<header class="top">
<p class="brand">LiveStash for TypeScript <span>performance lab${stashing === undefined ? null : ", the control"}</span></p>
<h1 class="${isGood ? "good" : "bad"}">${headline}</h1>
<p class="lead">${stashing === undefined ? null : `${BY_HAND} `}${formatCount(scenario.users)} users connect, stash, disconnect, come back and stash again through two nodes behind nginx, ${formatDuration(scenario.durationMs)} for each adapter with a TTL of ${formatDuration(scenario.ttlMs)}. One in ${oneIn(scenario.lateShare)} returns is too late on purpose. ${machine.cpuCount} cores, ${day(result.startedAt)}.</p>
</header>
${problems.length === 0 ? null : problemList(problems)}
<ul class="cards" aria-label="Adapters at a glance">${result.runs.map((run) => card(run, baseline, stashing))}</ul>`;
}

function oneIn(share: number): string {
  return share > 0 ? formatCount(Math.round((1 / share) * 10) / 10) : "∞";
}

/** Formats a date, such as "24 November 2026". */
export function day(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  return date.toLocaleDateString("en-GB", {
    day: "numeric",
    month: "long",
    year: "numeric",
    timeZone: "UTC",
  });
}

const KINDS: Readonly<Record<Problem["kind"], string>> = {
  invalid: "invalid",
  finding: "found",
  failed: "failed",
  incomplete: "incomplete",
};

function problemList(problems: readonly Problem[]): Markup {
  return markup`<section class="problems" aria-labelledby="problems">
<h2 id="problems">Read this first</h2>
<ul>${problems.map(
    ({ kind, where, text }) =>
      markup`<li><b>${where}</b> <span class="tag">${KINDS[kind]}</span> ${text}</li>`,
  )}</ul>
<p>Figures of an invalid run say more about the load generator or the machine than about the application.</p>
</section>`;
}

function card(
  run: AdapterRun,
  baseline: AdapterRun | undefined,
  stashing: LabResult["stashing"],
): Markup {
  const { label, place: usualPlace } = ADAPTER_LOOKS[run.adapter];
  const isByHand = stashing !== undefined && run.adapter !== "baseline";
  const place = isByHand ? "by hand, as little as can be" : usualPlace;
  const { counts, perCycle, steps, validity } = run;
  const cpu = formatQuantity(perCycle.cpuMs, "ms");
  const isBaseline = run.adapter === "baseline";
  const over = baseline === undefined ? null : formatOver(perCycle.cpuMs, baseline.perCycle.cpuMs);
  const [figure, what] =
    isBaseline || over === null ? [cpu, "CPU per cycle"] : [over, `CPU per cycle, ${cpu}`];
  const returns = isBaseline
    ? markup`<dt>reconnects</dt><dd>${formatCount(counts.reconnects)}</dd>`
    : markup`<dt>recovered</dt><dd>${formatCount(counts.recovered)}</dd><dt>lost</dt><dd class="${counts.lost > 0 ? "bad" : ""}">${formatCount(counts.lost)}</dd>`;
  return markup`<li class="card a-${run.adapter}${validity.isValid ? null : " is-invalid"}">
<h2>${label}</h2><p class="place">${place}</p>
<p class="figure">${figure}</p><p class="what">${what}</p>
<dl>${returns}<dt>return p99</dt><dd>${formatQuantity(steps.reconnect.fromSentMs.p99Ms, "ms")}</dd></dl>
${validity.isValid ? null : markup`<p class="invalid">invalid run</p>`}</li>`;
}
