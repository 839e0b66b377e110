import { LiveViewError } from "../errors.ts";
import type { Navigation } from "../lifecycle/navigation.ts";
import type { ViewParams } from "../lifecycle/socket.ts";
import type { ViewInstance } from "../lifecycle/view-instance.ts";
import type { RouteMatch, Router } from "../routing/router.ts";

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
