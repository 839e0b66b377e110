import { html, type RootLayout } from "@live-stash/live-view";

/** The document around every page of the showcase. */
export const rootLayout: RootLayout = ({ content, title, csrfToken }) =>
  html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <meta name="csrf-token" content="${csrfToken}" />
      <title data-suffix=" · LiveStash">${title} · LiveStash</title>
      <link rel="icon" href="data:," />
      <link rel="stylesheet" href="/assets/app.css" />
      <script type="module" src="/assets/app.js"></script>
    </head>
    <body>
      ${content}
    </body>
  </html>`;
