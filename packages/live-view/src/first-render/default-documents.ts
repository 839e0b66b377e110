import { STATUS_CODES } from "node:http";
import type { RootLayout } from "../routing/routes.ts";
import { html } from "../template/html.ts";
import { printHtml } from "../template/print-html.ts";

/** Creates the layout for servers without a root layout. It loads the module script `clientScript`. */
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

/** Prints a small page for a status from 400 on. Pass a `message` only if it is meant for the user. */
export function renderErrorPage(status: number, message: string | undefined): string {
  const title = STATUS_CODES[status] ?? "Error";
  const document = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>${status} ${title}</title>
    </head>
    <body>
      <main>
        <h1>${status} ${title}</h1>
        <p>${message ?? ""}</p>
      </main>
    </body>
  </html>`;
  return `<!doctype html>${printHtml(document)}`;
}
