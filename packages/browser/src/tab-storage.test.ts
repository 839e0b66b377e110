import { afterEach, expect, test, vi } from "vitest";
import { HELD_PARAM, HOLD_EVENT } from "../../stash/src/host.ts";
import { PAGE_PARAM } from "../../stash/src/store/owner.ts";
import type { HoldEvent } from "../../stash/src/host.ts";
import { initLiveStash } from "./init-live-stash.ts";

/** A tab of a browser: what its pages keep outlives each of them. */
class Tab {
  readonly stored = new Map<string, string>();
  readonly storage = {
    getItem: (key: string) => this.stored.get(key) ?? null,
    setItem: (key: string, value: string) => void this.stored.set(key, value),
    removeItem: (key: string) => void this.stored.delete(key),
  };

  /** Loads a page, with a view in it. */
  load(type: "navigate" | "reload" | "back_forward", id: string) {
    const page = Object.assign(new EventTarget(), {
      sessionStorage: this.storage,
      performance: { getEntriesByType: () => [{ type }] },
    });
    const params = initLiveStash({}, { window: page });
    return {
      params: () => params({ id } as HTMLElement),
      join: (view = id) => params({ id: view } as HTMLElement)[HELD_PARAM],
      serverSays: (detail: HoldEvent) =>
        void page.dispatchEvent(new CustomEvent(`phx:${HOLD_EVENT}`, { detail })),
    };
  }
}

afterEach(() => vi.unstubAllGlobals());

test("a reloaded page joins with what the view of the page before it was to keep", () => {
  const tab = new Tab();
  const before = tab.load("navigate", "phx-1");
  expect(before.join()).toBeUndefined();
  before.serverSays({ v: "phx-1", h: "state~1", s: 1 });
  before.serverSays({ v: "phx-1", r: "2" });

  const after = tab.load("reload", "phx-2");
  expect(after.join()).toBe("state~2");
  expect(after.join("phx-3")).toBeUndefined();
  after.serverSays({ v: "phx-2", r: "3" });
  expect(after.join()).toBe("state~3");

  expect(tab.load("reload", "phx-4").join()).toBe("state~3");
});

test("a reloaded page says how many there were before it, over any number of reloads", () => {
  const tab = new Tab();
  tab.load("navigate", "phx-1").serverSays({ v: "phx-1", h: "a", s: 1 });

  const second = tab.load("reload", "phx-2");
  expect(second.params()).toEqual({ [HELD_PARAM]: "a", [PAGE_PARAM]: 1 });
  expect(second.params()).toEqual({ [HELD_PARAM]: "a", [PAGE_PARAM]: 1 });
  second.serverSays({ v: "phx-2", h: "b", s: 1 });
  expect(tab.load("reload", "phx-3").params()).toEqual({ [HELD_PARAM]: "b", [PAGE_PARAM]: 2 });

  expect(tab.load("navigate", "phx-4").params()).toEqual({});
});

test("reloads are counted also while the view's string stays the same", () => {
  const tab = new Tab();
  tab.load("navigate", "phx-1").serverSays({ v: "phx-1", h: "a", s: 1 });

  for (const page of [1, 2, 3]) {
    const reloaded = tab.load("reload", `phx-${page}`);
    expect(reloaded.params()).toEqual({ [HELD_PARAM]: "a", [PAGE_PARAM]: page });
  }
});

test("what a page kept before reloads were counted is recalled, and such a page understands what is kept now", () => {
  const tab = new Tab();
  tab.stored.set("_live_stash", "a");

  expect(tab.load("reload", "phx-1").params()).toEqual({ [HELD_PARAM]: "a", [PAGE_PARAM]: 1 });
  expect(tab.stored.get("_live_stash")).toBe("a");
});

test.each(["navigate", "back_forward"] as const)(
  "a page that was come to by %s starts afresh, and so does its reload",
  (type) => {
    const tab = new Tab();
    tab.load("navigate", "phx-1").serverSays({ v: "phx-1", h: "a", s: 1 });

    expect(tab.load(type, "phx-2").join()).toBeUndefined();
    expect(tab.load("reload", "phx-3").join()).toBeUndefined();
  },
);

test("a view whose string is not to be kept leaves nothing, nor touches another's", () => {
  const tab = new Tab();
  const page = tab.load("navigate", "phx-1");
  page.serverSays({ v: "phx-1", h: "a" });
  expect(tab.stored.size).toBe(0);
  page.serverSays({ v: "phx-1", h: "b", s: 1 });
  page.serverSays({ v: "phx-2", h: "c" });
  page.serverSays({ v: "phx-2", r: "d" });
  page.serverSays({ v: "phx-2", h: null });
  expect(tab.stored.get("_live_stash")).toBe("b");
  page.serverSays({ v: "phx-1", h: "e" });
  expect(tab.stored.size).toBe(0);
});

test("what is dropped is not kept either", () => {
  const tab = new Tab();
  const page = tab.load("navigate", "phx-1");
  page.serverSays({ v: "phx-1", h: "a", s: 1 });
  page.serverSays({ v: "phx-1", h: null });
  expect(tab.stored.size).toBe(0);
  expect(tab.load("reload", "phx-2").join()).toBeUndefined();
});

test("a storage that is full or forbidden keeps nothing, and the page works", () => {
  const tab = new Tab();
  const first = tab.load("navigate", "phx-1");
  first.serverSays({ v: "phx-1", h: "a", s: 1 });
  tab.storage.setItem = () => {
    throw new DOMException("full", "QuotaExceededError");
  };
  first.serverSays({ v: "phx-1", h: "b", s: 1 });
  expect(first.join()).toBe("b");
  expect(tab.stored.size).toBe(0);

  tab.storage.getItem = () => {
    throw new DOMException("forbidden", "SecurityError");
  };
  const second = tab.load("reload", "phx-2");
  expect(second.join()).toBeUndefined();
  second.serverSays({ v: "phx-2", h: "c", s: 1 });
  expect(second.join()).toBe("c");
});
