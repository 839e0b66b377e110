import { html, navigateLink, type HtmlValue, type Template } from "@live-stash/live-view";
import type { Showcase } from "../showcase.ts";
import type { Sides } from "../sides.ts";
import type { StashReport } from "../stash-report.ts";
import { controls } from "./controls.ts";
import { panel } from "./panel.ts";
import { side } from "./side.ts";

/** What one page of the showcase shows. */
export interface DemoPage {
  /** Its path, as in `PAGES`. */
  readonly path: string;
  readonly heading: string;
  readonly lead: HtmlValue;
  readonly sides: Sides<Template>;
  readonly report: StashReport;
}

const PAGES = [
  { path: "/", name: "Counter" },
  { path: "/tic-tac-toe", name: "Tic-tac-toe" },
  { path: "/form", name: "Long form" },
] as const;

/** The frame around every demonstration: navigation, both sides, what to break, what happened. */
export function demoPage(showcase: Showcase, demo: DemoPage): Template {
  const { path, heading, lead, sides, report } = demo;
  return html`<nav class="pages" aria-label="Demonstrations">
      <ul>
        ${PAGES.map(
          (page) =>
            html`<li>
              <a ${navigateLink(page.path)} aria-current=${page.path === path ? "page" : null}
                >${page.name}</a
              >
            </li>`,
        )}
      </ul>
    </nav>
    <main>
      <div class="intro">
        <h1>${heading}</h1>
        <p class="lead">${lead}</p>
      </div>
      <div class="sides">${side("kept", sides.kept)} ${side("lost", sides.lost)}</div>
      <div class="below">${controls(showcase)} ${panel(showcase, report)}</div>
    </main>`;
}
