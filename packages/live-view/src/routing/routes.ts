import { LiveViewError } from "../errors.ts";
import type { ViewHook } from "../lifecycle/hooks.ts";
import type { LiveView } from "../lifecycle/view.ts";
import type { Template } from "../template/template.ts";
import type { RawHtml } from "../template/escape-html.ts";

/** A path that leads to a view. Made by `live`. */
export interface LiveRoute {
  readonly path: string;
  readonly view: LiveView;
}

/**
 * Routes that share authentication and layout. Live navigation stays inside of one; a link that
 * leads out of it loads the page anew, so that the other session's hooks decide. Made by `liveSession`.
 */
export interface LiveSession {
  readonly name: string;
  readonly use: readonly ViewHook<object>[];
  readonly rootLayout: RootLayout | undefined;
  readonly routes: readonly LiveRoute[];
}

/** Leads a path to a view. `:name` matches one segment, `*name` the rest; both arrive in `params`. */
export function live(path: string, view: LiveView): LiveRoute {
  if (!path.startsWith("/")) {
    throw new LiveViewError(
      "invalid_option",
      `live: expected a path that starts with "/", found ${JSON.stringify(path)}.`,
    );
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
