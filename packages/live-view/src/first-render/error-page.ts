import { STATUS_CODES } from "node:http";
import { html } from "../template/html.ts";
import { printHtml } from "../template/print-html.ts";

/** A small page for a status from 400 on. A message is shown only if it was written for the user. */
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
