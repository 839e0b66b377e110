import { html, type Template } from "@live-stash/live-view";
import type { SideName } from "../sides.ts";

/** The count of one side, and the buttons that change it. */
export function counterFace(side: SideName, count: number): Template {
  return html`<div class="counter">
    <output class="count" aria-labelledby="${side}-title">${count}</output>
    <div class="counter-buttons">
      <button
        type="button"
        class="button is-round"
        phx-click="add"
        phx-value-side="${side}"
        phx-value-amount="-1"
        aria-label="One less"
      >
        <span aria-hidden="true">−</span>
      </button>
      <button
        type="button"
        class="button is-round is-primary"
        phx-click="add"
        phx-value-side="${side}"
        phx-value-amount="1"
        aria-label="One more"
      >
        <span aria-hidden="true">+</span>
      </button>
    </div>
  </div>`;
}
