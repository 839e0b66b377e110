import { html, type HtmlValue, type Template } from "@live-stash/live-view";
import type { SideName } from "../sides.ts";

const TITLES: Record<SideName, string> = { kept: "With LiveStash", lost: "Without" };

/** One half of a page, with its heading. */
export function side(name: SideName, content: HtmlValue): Template {
  return html`<section class="side" data-side="${name}" aria-labelledby="${name}-title">
    <header class="side-header">
      <h2 id="${name}-title">${TITLES[name]}</h2>
      <p class="side-note">
        ${name === "kept" ? html`<code>storedKeys: ["kept"]</code>` : html`<code>not stored</code>`}
      </p>
    </header>
    <div class="side-body">${content}</div>
  </section>`;
}
