import { afterEach, expect, test, vi } from "vitest";
import { TOKEN_PARAM, TOKEN_EVENT } from "../../stash/src/entries/host.ts";
import { PAGE_PARAM } from "../../stash/src/store/owner.ts";
import type { TokenEvent } from "../../stash/src/entries/host.ts";
import { initLiveStash } from "./init-live-stash.ts";

/** A tab of a browser, whose storage outlives its pages. */
class Tab {
  readonly stored = new Map<string, string>();
  readonly storage = {
    getItem: (key: string) => this.stored.get(key) ?? null,
    setItem: (key: string, value: string) => void this.stored.set(key, value),
    removeItem: (key: string) => void this.stored.delete(key),
  };

  /** Loads a page with a view. */
  load(type: "navigate" | "reload" | "back_forward", id: string) {
    const page = Object.assign(new EventTarget(), {
      sessionStorage: this.storage,
      performance: { getEntriesByType: () => [{ type }] },
    });
    const params = initLiveStash({}, { window: page });
    return {
      params: () => params({ id } as HTMLElement),
      join: (view = id) => params({ id: view } as HTMLElement)[TOKEN_PARAM],
      serverSends: (detail: TokenEvent) =>
        void page.dispatchEvent(new CustomEvent(`phx:${TOKEN_EVENT}`, { detail })),
    };
  }
}

afterEach(() => vi.unstubAllGlobals());

test("a reloaded page joins with the token that the page before it kept", () => {
  const tab = new Tab();
  const before = tab.load("navigate", "phx-1");
  expect(before.join()).toBeUndefined();
  before.serverSends({ v: "phx-1", h: "state~1", s: 1 });
  before.serverSends({ v: "phx-1", r: "2" });

  const after = tab.load("reload", "phx-2");
  expect(after.join()).toBe("state~2");
  expect(after.join("phx-3")).toBeUndefined();
  after.serverSends({ v: "phx-2", r: "3" });
  expect(after.join()).toBe("state~3");

  expect(tab.load("reload", "phx-4").join()).toBe("state~3");
});

test("a reloaded page joins with the number of reloads so far", () => {
  const tab = new Tab();
  tab.load("navigate", "phx-1").serverSends({ v: "phx-1", h: "a", s: 1 });

  const second = tab.load("reload", "phx-2");
  expect(second.params()).toEqual({ [TOKEN_PARAM]: "a", [PAGE_PARAM]: 1 });
  expect(second.params()).toEqual({ [TOKEN_PARAM]: "a", [PAGE_PARAM]: 1 });
  second.serverSends({ v: "phx-2", h: "b", s: 1 });
  expect(tab.load("reload", "phx-3").params()).toEqual({ [TOKEN_PARAM]: "b", [PAGE_PARAM]: 2 });

  expect(tab.load("navigate", "phx-4").params()).toEqual({});
});

test("reloads are counted even if the token stays the same", () => {
  const tab = new Tab();
  tab.load("navigate", "phx-1").serverSends({ v: "phx-1", h: "a", s: 1 });

  for (const page of [1, 2, 3]) {
    const reloaded = tab.load("reload", `phx-${page}`);
    expect(reloaded.params()).toEqual({ [TOKEN_PARAM]: "a", [PAGE_PARAM]: page });
  }
});

test("a token kept by an earlier release, which did not count reloads, is recalled, and that release understands tokens kept now", () => {
  const tab = new Tab();
  tab.stored.set("_live_stash", "a");

  expect(tab.load("reload", "phx-1").params()).toEqual({ [TOKEN_PARAM]: "a", [PAGE_PARAM]: 1 });
  expect(tab.stored.get("_live_stash")).toBe("a");
});

test.each(["navigate", "back_forward"] as const)(
  "a page reached by %s starts without a token, and so does its reload",
  (type) => {
    const tab = new Tab();
    tab.load("navigate", "phx-1").serverSends({ v: "phx-1", h: "a", s: 1 });

    expect(tab.load(type, "phx-2").join()).toBeUndefined();
    expect(tab.load("reload", "phx-3").join()).toBeUndefined();
  },
);

test("a token that must not be kept is not stored, and does not replace that of another view", () => {
  const tab = new Tab();
  const page = tab.load("navigate", "phx-1");
  page.serverSends({ v: "phx-1", h: "a" });
  expect(tab.stored.size).toBe(0);
  page.serverSends({ v: "phx-1", h: "b", s: 1 });
  page.serverSends({ v: "phx-2", h: "c" });
  page.serverSends({ v: "phx-2", r: "d" });
  page.serverSends({ v: "phx-2", h: null });
  expect(tab.stored.get("_live_stash")).toBe("b");
  page.serverSends({ v: "phx-1", h: "e" });
  expect(tab.stored.size).toBe(0);
});

test("a dropped token is removed from the storage", () => {
  const tab = new Tab();
  const page = tab.load("navigate", "phx-1");
  page.serverSends({ v: "phx-1", h: "a", s: 1 });
  page.serverSends({ v: "phx-1", h: null });
  expect(tab.stored.size).toBe(0);
  expect(tab.load("reload", "phx-2").join()).toBeUndefined();
});

test("a page works without its storage if that is full or forbidden", () => {
  const tab = new Tab();
  const first = tab.load("navigate", "phx-1");
  first.serverSends({ v: "phx-1", h: "a", s: 1 });
  tab.storage.setItem = () => {
    throw new DOMException("full", "QuotaExceededError");
  };
  first.serverSends({ v: "phx-1", h: "b", s: 1 });
  expect(first.join()).toBe("b");
  expect(tab.stored.size).toBe(0);

  tab.storage.getItem = () => {
    throw new DOMException("forbidden", "SecurityError");
  };
  const second = tab.load("reload", "phx-2");
  expect(second.join()).toBeUndefined();
  second.serverSends({ v: "phx-2", h: "c", s: 1 });
  expect(second.join()).toBe("c");
});
