import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type FakePage } from "../../test/fake-page.ts";
import { type Assigns, createHeldPages, stashed, TTL_MS } from "../../test/held-pages.ts";
import { recoverState, stash } from "../index.ts";

let { clock, errors, page } = createHeldPages();

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  ({ clock, errors, page } = createHeldPages());
});

afterEach(() => vi.useRealTimers());

describe("recoverAfterReload", () => {
  const lasting = { recoverAfterReload: true };

  it("recovers the previous page's state on a fresh page, and keeps its token", async () => {
    const tab = page(lasting);
    const first = await stashed(tab, 4);
    expect(first.holdEvents).toMatchObject([{ s: 1 }]);
    await tab.end(first);
    tab.reload();
    const second = tab.join();
    expect(await recoverState(second)).toMatchObject({ status: "recovered" });
    expect(second.assigns.count).toBe(4);
  });

  it("is off by default: a fresh page drops its token without a load", async () => {
    const tab = page();
    const first = await stashed(tab, 4);
    expect(first.holdEvents).not.toMatchObject([{ s: 1 }]);
    tab.reload();
    const second = tab.join();
    expect(await recoverState(second)).toEqual({ status: "new" });
    expect(second.holdEvents).toEqual([{ v: "phx-1", h: null }]);
  });

  it("does not apply to navigation, which starts afresh", async () => {
    const tab = page(lasting);
    await stashed(tab, 4);
    tab.reload();
    const view = tab.join({ params: { _live_referer: "http://localhost/elsewhere" } });
    expect(await recoverState(view)).toEqual({ status: "new" });
    expect(view.holdEvents).toEqual([{ v: "phx-1", h: null }]);
  });

  it.each<[string, (tab: FakePage<Assigns>) => void, readonly object[]]>([
    ["forged", (tab) => void (tab.token = `A${String(tab.token)}`), []],
    ["expired", () => clock.advance(TTL_MS * 2), [{ v: "phx-1", h: null }]],
    ["no string", (tab) => void (tab.token = { token: 1 }), []],
  ])("treats a page whose token is %s as a new page", async (_name, spoil, told) => {
    const tab = page(lasting);
    await stashed(tab, 4);
    spoil(tab);
    tab.reload();
    const view = tab.join();
    expect(await recoverState(view)).toEqual({ status: "new" });
    expect(view.holdEvents).toEqual(told);
    expect(errors).toEqual([]);
  });

  it("finds no state if the page has no token", async () => {
    const view = page(lasting).join();
    expect(await recoverState(view)).toEqual({ status: "new" });
    expect(view.holdEvents).toEqual([]);
  });

  it("refuses a stash that would replace the unrecovered state of a fresh page", async () => {
    const tab = page(lasting);
    await stashed(tab, 4);
    tab.reload();
    const view = tab.join();
    expect(await stash(view)).toMatchObject({ error: { code: "recovery_pending" } });
    expect(await recoverState(view)).toMatchObject({ status: "recovered" });
    expect(view.assigns.count).toBe(4);
  });
});
