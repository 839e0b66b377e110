import { LiveViewError } from "../errors.ts";
import type { Navigation } from "../lifecycle/navigation.ts";
import type { ViewParams } from "../lifecycle/socket.ts";
import type { ViewInstance } from "../lifecycle/view-instance.ts";
import type { RouteMatch, Router } from "../routing/router.ts";
import type { Flash } from "../session/page-tokens.ts";

/** Patches that may follow each other without the client's doing. */
const MAX_PATCHES_IN_A_ROW = 20;

/** Where following a view's patches ended: under a new URL, on the way out, or where it was. */
export interface Followed {
  readonly patched: Navigation | undefined;
  readonly leaving: Navigation | undefined;
}

/** The route of one page, which changes while its view stays the same. */
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

  /** Whether a URL leads to this very view in its live session. */
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

  /** Follows the patches that the view asked for. */
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
          `pushPatch: more than ${MAX_PATCHES_IN_A_ROW} patches followed each other.`,
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

/** What a client does with a page that its view sends elsewhere, by the event that carries it. */
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

/** The page leaves its view; flash messages go along, signed. */
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

/** The page stays with its view under another URL. */
export const livePatchPayload = (
  patch: Navigation,
): { readonly to: string; readonly kind: "push" | "replace" } => ({
  to: patch.to,
  kind: historyKind(patch),
});

/**
 * The URL of a page, of which the client says where it is on its server: path, query and fragment.
 * `origin` is the one that its socket was opened at, as the client could name any other. `undefined` for
 * what is no URL of a page.
 */
export function pageUrl(location: string | undefined, origin: string): URL | undefined {
  if (location === undefined || !URL.canParse(location)) return undefined;
  const { pathname, search, hash } = new URL(location);
  // Not resolved against the origin, where a path such as `//example.com/` would be another host.
  const text = `${origin}${pathname}${search}${hash}`;
  return pathname.startsWith("/") && URL.canParse(text) ? new URL(text) : undefined;
}
