/** Keeps the token of one view in this tab over a reload of its page. */
export interface TabStorage {
  /** Returns the token kept by the page before the reload, once. From then on the token is that of `view`. */
  recall(view: string): string | undefined;
  /** Keeps the view's token, or drops it if `token` is `undefined`. */
  keep(view: string, token: string | undefined): void;
  /** Replaces the kept token, if it is that of `view`. */
  renew(view: string, token: string): void;
  /** The number of reloads in a row that found a token. */
  readonly reloads: number;
}

/** Two keys, so that pages of the release before the reload count still understand the token. */
const TOKEN_KEY = "_live_stash";
const PAGE_KEY = "_live_stash_page";

/**
 * Creates a tab storage in the page's `sessionStorage`, for one view, because a tab shows one page. If
 * `sessionStorage` is forbidden or full, nothing is kept.
 */
export function createTabStorage(page: Window): TabStorage {
  let keptFor: string | undefined;
  let isRecalled = false;
  let reloads = 0;

  const write = (token: string | undefined): void => {
    try {
      const { sessionStorage } = page;
      sessionStorage.removeItem(TOKEN_KEY);
      sessionStorage.removeItem(PAGE_KEY);
      if (token !== undefined) {
        sessionStorage.setItem(PAGE_KEY, String(reloads));
        sessionStorage.setItem(TOKEN_KEY, token);
      }
    } catch {
      // Without storage, a reload starts without a token.
    }
  };

  const read = (): string | undefined => {
    try {
      // A page reached by a link, in a second tab or in a copy of a tab starts without a token.
      const [load] = page.performance.getEntriesByType("navigation");
      if ((load as PerformanceNavigationTiming).type === "reload") {
        const { sessionStorage } = page;
        const token = sessionStorage.getItem(TOKEN_KEY) ?? undefined;
        if (token === undefined) return undefined;
        reloads = (Number(sessionStorage.getItem(PAGE_KEY)) || 0) + 1;
        // Counted at once, because the server may not send the view another token.
        write(token);
        return token;
      }
    } catch {
      // Without storage, a reload starts without a token.
    }
    write(undefined);
    return undefined;
  };

  return {
    get reloads() {
      return reloads;
    },
    recall(view) {
      if (isRecalled) return undefined;
      isRecalled = true;
      const token = read();
      if (token !== undefined) keptFor = view;
      return token;
    },
    keep(view, token) {
      if (token === undefined && keptFor !== view) return;
      keptFor = token === undefined ? undefined : view;
      write(token);
    },
    renew(view, token) {
      if (keptFor === view) write(token);
    },
  };
}
