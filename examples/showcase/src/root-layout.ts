import { html, type RootLayout } from "@live-stash/live-view";
import type { Showcase } from "./showcase.ts";
import { whereKept } from "./where-kept.ts";

/**
 * The document around the showcase's pages. It lasts as long as the page, while views come and go. That is
 * why the state of the connection, and the button that reconnects, are part of it.
 */
export function rootLayout(showcase: Showcase): RootLayout {
  const { sentence } = whereKept(showcase);
  return ({ content, title, csrfToken }) => html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <meta name="csrf-token" content="${csrfToken}" />
      <meta
        name="description"
        content="A page’s state after its connection breaks, with LiveStash and without."
      />
      <title data-suffix=" · LiveStash">${title} · LiveStash</title>
      <link rel="icon" href="data:," />
      <link rel="stylesheet" href="/assets/app.css" />
      <script type="module" src="/assets/app.js"></script>
    </head>
    <body>
      <header class="masthead">
        <p class="wordmark">LiveStash</p>
        <div class="cord" aria-hidden="true">
          <span class="cord-page"></span>
          <span class="cord-plug"></span>
          <span class="cord-socket"></span>
          <span class="cord-server"></span>
        </div>
        <p class="connection" id="connection">connecting</p>
      </header>
      ${content}
      <footer class="colophon">
        <p>
          Served by Node.js, driven by the unmodified Phoenix LiveView client. ${sentence}
        </p>
      </footer>
      <div class="connection-bar" id="connection-bar" hidden>
        <p id="connection-message" role="status"></p>
        <button type="button" class="button is-primary" id="plug-back">Plug back in</button>
      </div>
    </body>
  </html>`;
}
