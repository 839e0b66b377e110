import { html, type EventHandler, type Template } from "@live-stash/live-view";
import type { Showcase } from "../showcase.ts";
import { whereKept } from "../where-kept.ts";

/**
 * The buttons that break a page. “Pull the plug” is handled in the browser, because it must work, and be
 * undone, without a server (see `client/plug.ts`).
 */
export function controls(showcase: Showcase): Template {
  return html`<section class="controls" aria-labelledby="controls-title">
    <h2 id="controls-title">Now break it</h2>
    <ul>
      <li>
        <button type="button" class="button" id="pull-plug" aria-describedby="pull-plug-note">
          Pull the plug
        </button>
        <p id="pull-plug-note">Closes this page’s connection until you plug it back in.</p>
      </li>
      <li>
        <button type="button" class="button" phx-click="crash" aria-describedby="crash-note">
          Crash the view
        </button>
        <p id="crash-note">A handler throws. The client joins again a second later.</p>
      </li>
      <li>
        <button type="button" class="button" phx-click="restart" aria-describedby="restart-note">
          Restart the server
        </button>
        <p id="restart-note">${whereKept(showcase).atRestart}</p>
      </li>
      <li>
        <button type="button" class="button" phx-click="start_over" aria-describedby="over-note">
          Start over
        </button>
        <p id="over-note">Begins anew and forgets the stash.</p>
      </li>
    </ul>
  </section>`;
}

/** The events of the controls that are the same on every page. */
export function controlEvents(showcase: Showcase): {
  readonly crash: EventHandler<object>;
  readonly restart: EventHandler<object>;
} {
  return {
    crash() {
      throw new Error("This view was asked to crash, by the button “Crash the view”.");
    },
    restart() {
      showcase.restartServer();
    },
  };
}
