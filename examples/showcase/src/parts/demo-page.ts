import { html, type HtmlValue, type Template } from "@live-stash/live-view";
import type { Showcase } from "../showcase.ts";
import type { Sides } from "../sides.ts";
import type { StashReport } from "../stash-report.ts";
import { controls } from "./controls.ts";
import { navigation } from "./navigation.ts";
import { panel } from "./panel.ts";
import { side } from "./side.ts";

/** The contents of one page of the showcase. */
export interface DemoPage {
  /** Its path, as in the navigation. */
  readonly path: string;
  readonly heading: string;
  readonly lead: HtmlValue;
  readonly sides: Sides<Template>;
  readonly report: StashReport;
}

/** Renders a demonstration: navigation, both sides, the buttons that break the page, and the log. */
export function demoPage(showcase: Showcase, demo: DemoPage): Template {
  const { path, heading, lead, sides, report } = demo;
  return html`${navigation(path)}
    <main>
      <div class="intro">
        <h1>${heading}</h1>
        <p class="lead">${lead}</p>
      </div>
      <div class="sides">${side("kept", sides.kept)} ${side("lost", sides.lost)}</div>
      <div class="below">${controls(showcase)} ${panel(showcase, report)}</div>
    </main>`;
}
