import type { RootLayout } from "../routing/root-layout.ts";
import { html } from "../template/html.ts";

/** The document used where no root layout is given: it loads one module script, `clientScript`. */
export function defaultLayout(clientScript: string): RootLayout {
  return ({ content, title, csrfToken }) =>
    html`<html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="csrf-token" content="${csrfToken}" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
        <script type="module" src="${clientScript}"></script>
      </head>
      <body>
        ${content}
      </body>
    </html>`;
}
