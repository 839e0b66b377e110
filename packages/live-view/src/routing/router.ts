import { decodeForm, FormLimitError } from "@live-stash/wire";
import { match, type MatchFunction } from "path-to-regexp";
import { invalidOption, LiveViewError } from "../errors.ts";
import type { ViewHook } from "../lifecycle/hooks.ts";
import { HttpError } from "../lifecycle/http-error.ts";
import type { ParamValue, ViewParams } from "../lifecycle/socket.ts";
import type { LiveView } from "../lifecycle/view.ts";
import { foundValue } from "../message-text.ts";
import type { LiveRoute, LiveSession } from "./routes.ts";

/** The view for a URL. */
export interface RouteMatch {
  readonly view: LiveView;
  readonly liveSession: LiveSession;
  /**
   * The path and query parameters; a path parameter wins over a query parameter.
   * @throws HttpError 400, when first read, if the query exceeds the limits of a form.
   */
  readonly params: ViewParams;
}

export interface Router {
  /** Finds the view for a URL. */
  match(url: URL): RouteMatch | undefined;
  /** The hooks of all views and live sessions. A hook in several `use` lists appears several times. */
  readonly hooks: readonly ViewHook<object>[];
}

interface CompiledRoute {
  readonly view: LiveView;
  readonly liveSession: LiveSession;
  readonly match: MatchFunction<Partial<Record<string, string | string[]>>>;
}

function compile(route: LiveRoute, liveSession: LiveSession): CompiledRoute {
  try {
    // Literal text of a route takes the form of `canonicalPath`, with which it is compared.
    const encodePath = (text: string): string => canonicalPath(text) ?? text.replaceAll("%", "%25");
    const options = { sensitive: true, encodePath };
    return { view: route.view, liveSession, match: match(route.path, options) };
  } catch (cause) {
    throw new LiveViewError(
      "invalid_option",
      `live(): invalid option "path": expected one such as "/users/:id", got ${foundValue(route.path)}.`,
      { cause },
    );
  }
}

function checkNames(routes: readonly CompiledRoute[], sessions: readonly LiveSession[]): void {
  const views = new Map<string, LiveView>();
  for (const { view } of routes) {
    const other = views.get(view.name);
    if (other !== undefined && other !== view) {
      const advice = "Two views have this name: rename one.";
      throw invalidOption("createLiveServer", "routes", "unique view names", view.name, advice);
    }
    views.set(view.name, view);
  }
  const names = sessions.map((session) => session.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    const advice = "Two live sessions have this name: rename one.";
    throw invalidOption("createLiveServer", "routes", "unique live session names", twice, advice);
  }
}

/** Merges path and query parameters. The object has no prototype, because the URL is not trusted. */
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

/** A match that decodes the query on first use, because many callers only need the view. */
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

/** Creates a router. The first route that matches a URL wins. */
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

/** Characters that stay encoded within a segment. */
const RESERVED = /[%/]/g;

/**
 * Decodes the segments of a path, so that each path has one form: `/%61` becomes `/a`. `%` and a `/`
 * that is part of a segment stay encoded. Returns `undefined` for a broken percent sequence, which
 * matches no route.
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
