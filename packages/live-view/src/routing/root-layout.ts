import type { Template } from "../template/template.ts";
import type { RawHtml } from "../template/raw-html.ts";

/** What a root layout is given: once per page load, never patched afterwards. */
export interface PageContext {
  /** The view in its container. Put it into `<body>` exactly once. */
  readonly content: RawHtml;
  /** The title that the view set, or the server's default. */
  readonly title: string;
  /** For `<meta name="csrf-token">`; client code passes it on as `params._csrf_token`. */
  readonly csrfToken: string;
  readonly url: URL;
}

/** Renders the document around a view, from `<html>` on; `<!doctype html>` is added. */
export type RootLayout = (page: PageContext) => Template;
