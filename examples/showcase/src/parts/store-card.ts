import { html, type Template } from "@live-stash/live-view";
import { formatDuration } from "../format.ts";
import type { Showcase } from "../showcase.ts";
import type { Outage } from "../store-outage.ts";

/** The durations of an outage, in ms: shorter and longer than a join retries. */
export const OUTAGES_MS: readonly number[] = [3_000, 15_000];

/** Renders the store's state, and the buttons that take it away. */
export function storeCard(showcase: Showcase, outage: Outage | undefined): Template {
  const { adapter } = showcase;
  return html`<section
    class="side"
    data-side="store"
    data-store="${outage === undefined ? "here" : "away"}"
    aria-labelledby="store-title"
  >
    <header class="side-header">
      <h2 id="store-title">The store</h2>
      <p class="side-note"><code>${adapter.name}</code></p>
    </header>
    <div class="side-body store">
      <p class="store-state" role="status">
        ${outage === undefined ? "Here" : html`Away for ${formatDuration(outage.durationMs)}`}
      </p>
      ${timeLeft(showcase, outage)}
      <div class="store-buttons">${outage === undefined ? takeAway() : comeBack()}</div>
      <p class="hint">${forWhom(showcase)}</p>
    </div>
  </section>`;
}

/** Renders a bar that empties by itself, even while no view answers. */
function timeLeft({ now }: Showcase, outage: Outage | undefined): Template {
  const goneMs = outage === undefined ? 0 : Math.max(0, now() - outage.startedAtMs);
  const style = outage && `--lasts: ${outage.durationMs}ms; --gone: ${goneMs}ms`;
  return html`<div class="store-time" style=${style} aria-hidden="true"></div>`;
}

function takeAway(): Template {
  return html`${OUTAGES_MS.map(
    (durationMs) =>
      html`<button
        type="button"
        class="button"
        id="away-${durationMs}"
        phx-click="take_away"
        phx-value-ms="${durationMs}"
      >
        Away for ${formatDuration(durationMs)}
      </button>`,
  )}`;
}

/** Renders the button that reconnects, which is handled in the browser: see `client/plug.ts`. */
function comeBack(): Template {
  return html`<button type="button" class="button is-primary" id="reconnect">Reconnect now</button>
    <button type="button" class="link" id="bring-back" phx-click="bring_back">
      Bring the store back
    </button>`;
}

function forWhom({ node }: Showcase): string {
  return node === undefined
    ? "It goes away for everybody on this page. The other pages keep it."
    : "It goes away for everybody on this page whom this node serves. The other pages and nodes keep it.";
}
