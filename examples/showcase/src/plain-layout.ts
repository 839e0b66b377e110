import { html, type RootLayout } from "@live-stash/live-view";

/** The document around the test pages: the same script, without styles. */
export const plainLayout: RootLayout = ({ content, title, csrfToken }) =>
  html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <meta name="csrf-token" content="${csrfToken}" />
      <title data-suffix=" · LiveStash">${title} · LiveStash</title>
      <link rel="icon" href="data:," />
      <script type="module" src="/assets/app.js"></script>
    </head>
    <body>
      ${content}
    </body>
  </html>`;
