import { LiveViewError } from "../errors.ts";
import type { Navigation } from "../lifecycle/navigation.ts";
import type { ViewParams } from "../lifecycle/socket.ts";
import type { ViewInstance } from "../lifecycle/view-instance.ts";
import type { RouteMatch, Router } from "../routing/router.ts";
import type { Flash } from "../session/page-tokens.ts";

/**
 * Longest URL of a page, in UTF-16 units: the usual limit of a request's head, so no page with a longer
 * one could be loaded. The client loads such a URL instead of patching to it, and gets the error.
 */
export const MAX_URL_LENGTH = 16_384;
/** Most patches that may follow each other without the client's doing: more are taken for a loop. */
const MAX_PATCHES_IN_A_ROW = 20;

/**
 * Parses the URL of a page, of which the client sends the location: path, query and fragment count.
 * `origin` is the one that its socket was opened at, because the client could send any other.
 * `undefined` if the location is no URL of a page.
 */
export function pageUrl(location: string | undefined, origin: string): URL | undefined {
  if (location === undefined || !URL.canParse(location)) return undefined;
  const { pathname, search, hash } = new URL(location);
  // Joined as text: resolved against the origin, a path such as `//example.com/` would change the host.
  const text = `${origin}${pathname}${search}${hash}`;
  return pathname.startsWith("/") && URL.canParse(text) ? new URL(text) : undefined;
}

/** The result of following a view's navigation. */
export interface Followed {
  /** The last patch, if the page has another URL now. */
  readonly patched: Navigation | undefined;
  /** The navigation with which the page leaves the view, if it does. */
  readonly leaving: Navigation | undefined;
}

/** The route of a joined page. It changes with each patch, while the view stays the same. */
export class PageRoute {
  readonly #router: Router;
  readonly #instance: ViewInstance;
  #current: RouteMatch;

  constructor(router: Router, instance: ViewInstance, current: RouteMatch) {
    this.#router = router;
    this.#instance = instance;
    this.#current = current;
  }

  /** The parameters of the page's URL. */
  get params(): ViewParams {
    return this.#current.params;
  }

  /** Runs `handleParams` for the URL that the page joined with. */
  begin(): void | Promise<void> {
    return this.#instance.handleParams(this.params, this.#instance.socket.url);
  }

  /** Whether a URL leads to the same view in the same live session. */
  owns(url: URL): boolean {
    return this.#find(url) !== undefined;
  }

  /** Patches to a URL that the page owns; `false` if it leads elsewhere. */
  async patch(url: URL): Promise<boolean> {
    const route = this.#find(url);
    if (route === undefined) return false;
    this.#current = route;
    await this.#instance.handleParams(route.params, url);
    return true;
  }

  /** Follows the patches that the view requested, and returns the navigation that is left. */
  follow(): Followed | Promise<Followed> {
    const first = this.#instance.socket.takeNavigation();
    return first?.kind === "patch"
      ? this.#followPatches(first)
      : { patched: undefined, leaving: first };
  }

  async #followPatches(first: Navigation): Promise<Followed> {
    const { socket } = this.#instance;
    let patched: Navigation | undefined;
    let next: Navigation | undefined = first;
    for (let count = 0; ; count++) {
      if (next === undefined || next.kind !== "patch") return { patched, leaving: next };
      if (count >= MAX_PATCHES_IN_A_ROW) {
        throw new LiveViewError(
          "invalid_navigation",
          `view "${socket.view.name}": expected at most ${MAX_PATCHES_IN_A_ROW} patches in a row, found ` +
            "more. Call pushPatch in handleParams only if the URL is another one.",
        );
      }
      const url = new URL(next.to, socket.url);
      if (!(await this.patch(url))) {
        throw new LiveViewError(
          "invalid_navigation",
          `pushPatch: expected a path of view "${socket.view.name}", found "${url.pathname}". Use pushNavigate.`,
        );
      }
      patched = next;
      next = socket.takeNavigation();
    }
  }

  #find(url: URL): RouteMatch | undefined {
    const route = this.#router.match(url);
    const { view, liveSession } = this.#current;
    return route?.view === view && route.liveSession === liveSession ? route : undefined;
  }
}

/** The response that makes the client leave a view, with the event as its key. */
export type LeaveResponse =
  | { readonly redirect: { readonly to: string; readonly flash?: string } }
  | {
      readonly live_redirect: {
        readonly to: string;
        readonly flash?: string;
        readonly kind: "push" | "replace";
      };
    };

const historyKind = ({ replace }: Navigation): "push" | "replace" => (replace ? "replace" : "push");

/** Creates the response for a page that leaves its view, with the signed flash messages. */
export function leaveResponse(
  leaving: Navigation,
  flash: Flash,
  signFlash: (flash: Flash) => string,
): LeaveResponse {
  const hasFlash = Object.keys(flash).length > 0;
  const target = { to: leaving.to, ...(hasFlash ? { flash: signFlash(flash) } : {}) };
  return leaving.kind === "redirect"
    ? { redirect: target }
    : { live_redirect: { ...target, kind: historyKind(leaving) } };
}

/** Creates the payload for a page that stays with its view under another URL. */
export const livePatchPayload = (
  patch: Navigation,
): { readonly to: string; readonly kind: "push" | "replace" } => ({
  to: patch.to,
  kind: historyKind(patch),
});
