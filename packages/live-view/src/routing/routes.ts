import { invalidOption } from "../errors.ts";
import type { ViewHook } from "../lifecycle/hooks.ts";
import type { LiveView } from "../lifecycle/view.ts";
import type { RawHtml } from "../template/escape-html.ts";
import type { Template } from "../template/template.ts";

/** A path and its view, made by `live`. */
export interface LiveRoute {
  readonly path: string;
  readonly view: LiveView;
}

/**
 * Routes that share authentication and layout, made by `liveSession`. Live navigation stays within a
 * live session. A link to another one loads a new page, so that the hooks of that session run first.
 */
export interface LiveSession {
  readonly name: string;
  readonly use: readonly ViewHook<object>[];
  readonly rootLayout: RootLayout | undefined;
  readonly routes: readonly LiveRoute[];
}

/** Maps a path to a view. `:name` matches one segment, `*name` the rest; both are in `params`. */
export function live(path: string, view: LiveView): LiveRoute {
  if (!path.startsWith("/")) {
    throw invalidOption("live", "path", 'a path that starts with "/"', path);
  }
  return { path, view };
}

/** Groups routes. Routes outside of any group belong to the live session `default`. */
export function liveSession(
  name: string,
  options: { readonly use?: readonly ViewHook<object>[]; readonly rootLayout?: RootLayout },
  routes: readonly LiveRoute[],
): LiveSession {
  return { name, use: options.use ?? [], rootLayout: options.rootLayout, routes };
}

/** The values for a root layout. It renders once per page load, and is never patched. */
export interface PageContext {
  /** The view in its container. Put it into `<body>` exactly once. */
  readonly content: RawHtml;
  /** The title set by the view, or the default of the server. */
  readonly title: string;
  /** The token for `<meta name="csrf-token">`. Client code sends it as `params._csrf_token`. */
  readonly csrfToken: string;
  /** The URL of the page. */
  readonly url: URL;
}

/** Renders the document around a view, starting at `<html>`. The server adds `<!doctype html>`. */
export type RootLayout = (page: PageContext) => Template;
