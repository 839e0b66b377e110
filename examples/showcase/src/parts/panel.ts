import { html, keyed, type Template } from "@live-stash/live-view";
import type { MemoryFigures } from "live-stash/peers";
import { formatCount, formatDuration, formatTime } from "../format.ts";
import type { Showcase } from "../showcase.ts";
import type { StashReport } from "../stash-report.ts";
import { recoveryWords } from "../stash-words.ts";

/** Renders the results of this page's stash. */
export function panel(showcase: Showcase, report: StashReport): Template {
  const { recovery, figures, log } = report;
  const { title, detail } = recoveryWords(recovery);
  return html`<section class="panel" aria-labelledby="panel-title">
    <h2 id="panel-title">What happened</h2>
    <div class="verdict" role="status" data-status="${recovery.status}">
      <p class="verdict-title">${title}</p>
      <p>${detail}</p>
    </div>
    <dl class="facts">
      ${fact("status", "Status", recovery.status)}
      ${
        recovery.status === "recovered" &&
        html`${fact("age", "Age", formatDuration(recovery.ageMs))}
        ${fact("restored", "Restored", recovery.restored.join(", "))}`
      }
      ${
        (recovery.status === "not_found" || recovery.status === "error") &&
        fact("reason", "Reason", recovery.reason)
      }
      ${fact("bytes", "Last stash", lastStash(report))}
      ${fact("adapter", "Adapter", showcase.adapter.name)}
      ${fact("ttl", "Kept for", `${formatDuration(showcase.ttlMs)} offline`)}
      ${showcase.node !== undefined && fact("node", "Node", showcase.node)}
      ${figures !== undefined && memoryFacts(figures)}
    </dl>
    <h3 id="log-title">Since this view began</h3>
    <ol class="log" aria-labelledby="log-title" reversed>
      ${keyed(
        log,
        ({ id }) => id,
        ({ id, atMs, text }) =>
          html`<li id="log-${id}">
            <time datetime="${new Date(atMs).toISOString()}">${formatTime(atMs)}</time>
            <span>${text}</span>
          </li>`,
      )}
    </ol>
  </section>`;
}

function memoryFacts({ entries, connected, bytes, expired, evicted }: MemoryFigures): Template {
  return html`${fact("entries", "In memory", `${formatCount(entries)} (${formatCount(connected)} connected)`)}
  ${fact("memory", "Memory used", `${formatCount(bytes)} bytes`)}
  ${fact("expired", "Expired", formatCount(expired))}
  ${fact("evicted", "Evicted", formatCount(evicted))}`;
}

function fact(name: string, label: string, value: string): Template {
  return html`<div class="fact">
    <dt>${label}</dt>
    <dd data-fact="${name}">${value}</dd>
  </div>`;
}

function lastStash({ savedBytes, recovery }: StashReport): string {
  if (savedBytes !== undefined) return `${savedBytes} bytes`;
  return recovery.status === "recovered" ? "the recovered" : "none yet";
}
