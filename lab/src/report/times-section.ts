import type { LabResult, StepName, StepTimes, Times } from "../result.ts";
import { ADAPTER_LOOKS } from "./adapters.ts";
import { markup, type Markup } from "./markup.ts";
import { MEASURED_ORIGINAL, PUBLISHED_ON, PUBLISHED_TIMES } from "./original.ts";
import { formatDigits } from "./quantity.ts";
import { timeScale, type TimeScale } from "./scales.ts";

const STEPS: readonly { readonly name: StepName; readonly title: string; readonly what: string }[] =
  [
    { name: "firstRender", title: "First render", what: "the page over HTTP" },
    { name: "connect", title: "Connect", what: "socket and join, without state" },
    { name: "stash", title: "Stash", what: "event to reply" },
    { name: "reconnect", title: "Reconnect", what: "socket and join, with the state back" },
  ];

/** Renders table 3: the round trips of every step, as numbers and as ranges on one logarithmic scale. */
export function timesSection({ runs }: LabResult): Markup {
  const scale = timeScale(runs.map(({ steps }) => steps));
  return markup`<section class="block" aria-labelledby="times">
<h2 id="times">How long users wait</h2>
<p class="intro">Table 3: round trips in milliseconds as the load generator saw them. Strong: from the moment of sending. Below it, from the moment that was planned, so that waiting behind a slow answer counts too. The range reaches from p50 to p99, its mark is p95, the dot is the longest. <span class="hollow-key"></span> The original (ETS for memory, Mnesia for NATS), measured on other hardware.</p>
<div class="steps">${STEPS.map(({ name, title, what }) => {
    const published = PUBLISHED_TIMES[name];
    return markup`<article class="step"><h3>${title} <span>${what}</span></h3>
<div role="table" aria-label="${title}, milliseconds"><div class="time-row time-head" role="row"><span role="columnheader"></span>${axis(scale)}<span role="columnheader">p50</span><span role="columnheader">p95</span><span role="columnheader">p99</span><span role="columnheader">max</span></div>
${runs.map((run) => {
  const look = ADAPTER_LOOKS[run.adapter];
  const original = MEASURED_ORIGINAL[run.adapter].times[name];
  const isEmpty = run.steps[name].fromSentMs.count === 0;
  return markup`<div class="time-row a-${run.adapter}" role="row">
<div class="time-name" role="rowheader">${look.label}<small>from plan</small>${original && markup`<small>original</small>`}</div>
${isEmpty ? markup`<div class="range"></div>` : range(run.steps[name].fromSentMs, original, scale)}
${numbers(run.steps[name], original)}</div>`;
})}</div>
${published && markup`<p class="published">Published for every adapter: ${published} (${PUBLISHED_ON}).</p>`}</article>`;
  })}</div>
</section>`;
}

function axis(scale: TimeScale): Markup {
  return markup`<span class="range-axis" aria-hidden="true">${scale.decades.map(
    ({ ms, percent }) => markup`<i style="left:${percent.toFixed(2)}%">${ms} ms</i>`,
  )}</span>`;
}

function gridLines(scale: TimeScale): readonly Markup[] {
  return scale.decades.map(
    ({ percent }) => markup`<i class="line" style="left:${percent.toFixed(2)}%"></i>`,
  );
}

function range(
  { p50Ms, p95Ms, p99Ms, maxMs }: Times,
  original: readonly [number, number, number] | null,
  scale: TimeScale,
): Markup {
  const at = (ms: number) => `${scale.percentOf(ms).toFixed(2)}%`;
  const span = (from: number, to: number) =>
    `left:${at(from)};width:${Math.max(0.5, scale.percentOf(to) - scale.percentOf(from)).toFixed(2)}%`;
  return markup`<div class="range" aria-hidden="true">${gridLines(scale)}<i class="span" style="${span(p50Ms, p99Ms)}"></i><i class="mark" style="left:${at(p95Ms)}"></i><i class="dot" style="left:${at(maxMs)}"></i>${
    original &&
    markup`<i class="span hollow" style="${span(original[0], original[2])}"></i><i class="mark hollow" style="left:${at(original[1])}"></i>`
  }</div>`;
}

function numbers(
  { fromSentMs, fromPlannedMs }: StepTimes,
  original: readonly [number, number, number] | null,
): readonly Markup[] {
  const keys = ["p50Ms", "p95Ms", "p99Ms", "maxMs"] as const;
  return keys.map((key, index) => {
    const theirs = original?.[index];
    return markup`<div class="time" role="cell">${time(fromSentMs, key)}<small>${time(fromPlannedMs, key)}</small>${
      original && markup`<small>${theirs === undefined ? "–" : theirs.toFixed(1)}</small>`
    }</div>`;
  });
}

function time(times: Times, key: "p50Ms" | "p95Ms" | "p99Ms" | "maxMs"): string {
  return times.count === 0 ? "–" : formatDigits(times[key]);
}
