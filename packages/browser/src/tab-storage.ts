/** Where this tab keeps one view's string over a reload of its page. */
export interface TabStorage {
  /** What was kept before this page was reloaded, once; from then on it is that of `view`. */
  recall(view: string): string | undefined;
  /** Keeps the view's string, or, with `undefined`, lets go of it. */
  keep(view: string, held: string | undefined): void;
  /** Keeps another string of the view whose string is kept. */
  renew(view: string, held: string): void;
  /** How many pages of this tab have followed each other by reloads, each with what was kept. */
  readonly reloads: number;
}

/** Apart from each other, so that pages of the release before the count understand what is kept. */
const HELD_KEY = "_live_stash";
const PAGE_KEY = "_live_stash_page";

/**
 * Uses the page's `sessionStorage`: for one view's string, as a tab shows one page. Where that may not be used,
 * or is full, nothing is kept.
 */
export function createTabStorage(page: Window): TabStorage {
  let keptFor: string | undefined;
  let isRecalled = false;
  let reloads = 0;

  const write = (held: string | undefined): void => {
    try {
      const { sessionStorage } = page;
      sessionStorage.removeItem(HELD_KEY);
      sessionStorage.removeItem(PAGE_KEY);
      if (held !== undefined) {
        sessionStorage.setItem(PAGE_KEY, String(reloads));
        sessionStorage.setItem(HELD_KEY, held);
      }
    } catch {
      // As without storage: a reload starts afresh.
    }
  };

  const read = (): string | undefined => {
    try {
      // Come to by a link, in a second tab or as a copy of another tab, it starts afresh.
      const [load] = page.performance.getEntriesByType("navigation");
      if ((load as PerformanceNavigationTiming).type === "reload") {
        const { sessionStorage } = page;
        const held = sessionStorage.getItem(HELD_KEY) ?? undefined;
        if (held === undefined) return undefined;
        reloads = (Number(sessionStorage.getItem(PAGE_KEY)) || 0) + 1;
        // Counted at once: the server need not give the view another string.
        write(held);
        return held;
      }
    } catch {
      // The same.
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
      const held = read();
      if (held !== undefined) keptFor = view;
      return held;
    },
    keep(view, held) {
      if (held === undefined && keptFor !== view) return;
      keptFor = held === undefined ? undefined : view;
      write(held);
    },
    renew(view, held) {
      if (keptFor === view) write(held);
    },
  };
}
