import { decodeForm, FormLimitError } from "@live-stash/wire";
import { match, type MatchFunction } from "path-to-regexp";
import { LiveViewError } from "../errors.ts";
import { HttpError } from "../lifecycle/http-error.ts";
import type { ViewHook } from "../lifecycle/hooks.ts";
import type { ParamValue, ViewParams } from "../lifecycle/socket.ts";
import type { LiveView } from "../lifecycle/view.ts";
import type { LiveRoute, LiveSession } from "./routes.ts";

/** Where a URL leads. */
export interface RouteMatch {
  readonly view: LiveView;
  readonly liveSession: LiveSession;
  /**
   * Path and query parameters; a path parameter wins.
   * @throws HttpError 400 for a query above the limits of a form, when first read.
   */
  readonly params: ViewParams;
}

export interface Router {
  match(url: URL): RouteMatch | undefined;
  /** The hooks of all views and live sessions; those that several share as often. */
  readonly hooks: readonly ViewHook<object>[];
}

interface CompiledRoute {
  readonly view: LiveView;
  readonly liveSession: LiveSession;
  readonly match: MatchFunction<Partial<Record<string, string | string[]>>>;
}

function compile(route: LiveRoute, liveSession: LiveSession): CompiledRoute {
  try {
    // As in `canonicalPath`, so that a literal text is compared with a decoded one.
    const encodePath = (text: string): string => canonicalPath(text) ?? text.replaceAll("%", "%25");
    const options = { sensitive: true, encodePath };
    return { view: route.view, liveSession, match: match(route.path, options) };
  } catch (cause) {
    throw new LiveViewError(
      "invalid_option",
      `live: expected a path such as "/users/:id", found ${JSON.stringify(route.path)}.`,
      { cause },
    );
  }
}

function checkNames(routes: readonly CompiledRoute[], sessions: readonly LiveSession[]): void {
  const views = new Map<string, LiveView>();
  for (const { view } of routes) {
    const other = views.get(view.name);
    if (other !== undefined && other !== view) {
      throw new LiveViewError(
        "invalid_option",
        `createLiveServer: expected view names to be unique, found two views named "${view.name}".`,
      );
    }
    views.set(view.name, view);
  }
  const names = sessions.map((session) => session.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new LiveViewError(
      "invalid_option",
      `createLiveServer: expected live session names to be unique, found "${twice}" twice.`,
    );
  }
}

/** Names come from whoever wrote the URL, so the object has no prototype to reach. */
function paramsOf(url: URL, path: Partial<Record<string, string | string[]>>): ViewParams {
  const params = decodeQuery(url);
  for (const [name, value] of Object.entries(path)) {
    if (value !== undefined) params[name] = Array.isArray(value) ? value.join("/") : value;
  }
  return params;
}

function decodeQuery(url: URL): Record<string, ParamValue> {
  try {
    return decodeForm(url.searchParams);
  } catch (cause) {
    if (!(cause instanceof FormLimitError)) throw cause;
    throw new HttpError(400, "The query of this page's URL is too large.", { cause });
  }
}

/** Decodes the query when it is asked for: many matches only tell whose page a URL is. */
class Match implements RouteMatch {
  readonly view: LiveView;
  readonly liveSession: LiveSession;
  readonly #url: URL;
  readonly #path: Partial<Record<string, string | string[]>>;
  #params: ViewParams | undefined;

  constructor(
    { view, liveSession }: CompiledRoute,
    url: URL,
    path: Partial<Record<string, string | string[]>>,
  ) {
    this.view = view;
    this.liveSession = liveSession;
    this.#url = url;
    this.#path = path;
  }

  get params(): ViewParams {
    return (this.#params ??= paramsOf(this.#url, this.#path));
  }
}

/** Finds the view of a URL; the first route that matches wins. */
export function createRouter(entries: readonly (LiveRoute | LiveSession)[]): Router {
  const loose: LiveRoute[] = [];
  const groups: LiveSession[] = [];
  for (const entry of entries) {
    if ("routes" in entry) groups.push(entry);
    else loose.push(entry);
  }
  const sessions: LiveSession[] =
    loose.length === 0
      ? groups
      : [{ name: "default", use: [], rootLayout: undefined, routes: loose }, ...groups];
  const routes = sessions.flatMap((session) =>
    session.routes.map((route) => compile(route, session)),
  );
  checkNames(routes, sessions);
  return {
    hooks: [
      ...sessions.flatMap(({ use }) => use),
      ...routes.flatMap(({ view }) => view.definition.use ?? []),
    ],
    match(url) {
      const path = canonicalPath(url.pathname);
      if (path === undefined) return undefined;
      for (const route of routes) {
        const found = matchPath(route, path);
        if (found !== undefined) {
          return new Match(route, url, found);
        }
      }
      return undefined;
    },
  };
}

/** Text that stands for a slash or a percent sign within a segment. */
const RESERVED = /[%/]/g;

/**
 * A path with its segments decoded, so that each has one form: `/%61` is `/a`. Only `%` and a `/` that
 * is part of a segment stay encoded. `undefined` for a broken percent sequence, which matches nothing.
 */
function canonicalPath(path: string): string | undefined {
  if (!path.includes("%")) return path;
  try {
    return path
      .split("/")
      .map((segment) => decodeURIComponent(segment).replace(RESERVED, encodeURIComponent))
      .join("/");
  } catch {
    return undefined;
  }
}

function matchPath(
  route: CompiledRoute,
  path: string,
): Partial<Record<string, string | string[]>> | undefined {
  const result = route.match(path);
  return result === false ? undefined : result.params;
}
