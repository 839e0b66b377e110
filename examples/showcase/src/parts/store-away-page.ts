import { html, navigateLink, type Template } from "@live-stash/live-view";
import type { LateRecoverResult } from "live-stash";
import { formatDuration } from "../format.ts";
import type { Showcase } from "../showcase.ts";
import type { StashReport } from "../stash-report.ts";
import type { Outage } from "../store-outage.ts";
import { controls } from "./controls.ts";
import { counterFace } from "./counter-face.ts";
import { navigation } from "./navigation.ts";
import { panel } from "./panel.ts";
import { side } from "./side.ts";
import { storeCard } from "./store-card.ts";

/** The ways of `whenUnavailable`. */
export type Way = "rejoin" | "continue";

/** The path that shows each way. */
export const STORE_AWAY_PATHS: Record<Way, string> = {
  rejoin: "/store-away",
  continue: "/store-away/continue",
};

const WAYS: Record<Way, { readonly name: string; readonly detail: string }> = {
  rejoin: {
    name: "The page waits",
    detail:
      "It keeps what it shows and joins again and again, until the store is back. For a checkout, a draft, a game.",
  },
  continue: {
    name: "The page goes on",
    detail:
      "It begins with its defaults and looks for the earlier state meanwhile. For a search, a dashboard.",
  },
};

/** The progress of a recovery that was pending when the view began. */
export type Search =
  | { readonly status: "none" }
  | { readonly status: "pending" }
  | LateRecoverResult;

/** The assigns that the page of the absent store shows. */
export interface StoreAwayPage {
  readonly way: Way;
  readonly count: number;
  readonly search: Search;
  readonly outage: Outage | undefined;
  readonly report: StashReport;
}

/** Renders a counter beside its store, which can be taken away, and a switch between both ways. */
export function storeAwayPage(showcase: Showcase, shown: StoreAwayPage): Template {
  const { way, count, search, outage, report } = shown;
  return html`${navigation(STORE_AWAY_PATHS.rejoin)}
    <main>
      <div class="intro">
        <h1>When the store is away</h1>
        <p class="lead">
          Count a little, take the store away, and reconnect meanwhile. A store that does not answer
          has not said that your state is gone.
        </p>
      </div>
      ${waySwitch(way)}
      <div class="sides">
        ${side("kept", html`${notice(search)} ${counterFace("kept", count)}`)}
        ${storeCard(showcase, outage)}
      </div>
      <div class="below">${controls(showcase)} ${panel(showcase, report)}</div>
    </main>`;
}

function waySwitch(current: Way): Template {
  const ways = Object.entries(WAYS) as [Way, (typeof WAYS)[Way]][];
  return html`<div class="ways">
    <ul aria-label="When the store does not answer">
      ${ways.map(
        ([way, { name }]) =>
          html`<li>
            <a
              ${navigateLink(STORE_AWAY_PATHS[way])}
              aria-current=${way === current ? "true" : null}
              >${name}<code>"${way}"</code></a
            >
          </li>`,
      )}
    </ul>
    <p>${WAYS[current].detail}</p>
  </div>`;
}

/** Renders a notice, also when it is empty, so that screen readers read its changes. */
function notice(search: Search): Template {
  return html`<div class="notice" role="status" data-search="${search.status}">
    ${noticeContent(search)}
  </div>`;
}

function noticeContent(search: Search): Template | undefined {
  switch (search.status) {
    case "none":
      return undefined;
    case "pending":
      return html`<p>Looking for your earlier work …</p>`;
    case "recovered":
      return html`<p>
        Your earlier work is back, as it was ${formatDuration(search.ageMs)} before.
      </p>`;
    case "kept_aside":
      return html`<p>Your earlier work is found. You have counted since, so it is kept aside.</p>
        <p class="notice-buttons">
          <button type="button" class="button is-primary" phx-click="take">Take it</button>
          <button type="button" class="button" phx-click="delete">Delete it</button>
        </p>`;
    case "replaced":
    case "not_found":
    case "error":
      return html`<p>There is no earlier work to bring back.</p>`;
  }
}
