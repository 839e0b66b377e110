import { LiveViewError } from "../errors.ts";
import type { ViewHook } from "../lifecycle/hooks.ts";
import type { LiveView } from "../lifecycle/view.ts";
import type { RootLayout } from "./root-layout.ts";

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
