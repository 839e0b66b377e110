import { beforeEach, describe, expect, it } from "vitest";
import { FailingStore, TTL_MS, until } from "../../test/failing-store.ts";
import { UnreliableAdapter } from "../../test/unreliable-adapter.ts";
import { type FakeHost } from "../../test/fake-page.ts";
import { recoverState, resetStash, stash, createMemoryAdapter, RECOVERY_EVENT } from "../index.ts";

let store: FailingStore;

beforeEach(() => {
  store = new FailingStore();
});

const statusesPushed = (view: FakeHost<{ count: number }>): unknown[] =>
  view.pushed
    .filter(({ name }) => name === RECOVERY_EVENT)
    .map(({ payload }) => (payload as { status: unknown }).status);

describe("a store that does not answer a recovery", () => {
  it("is asked again within the join, so that a short outage only slows the recovery down", async () => {
    const tab = await store.pageWithFive({ recoverWithinMs: 5_000 });
    store.isDown = true;
    const view = tab.join();
    const recovery = recoverState(view);
    await until(() => store.adapter.calls.filter((call) => call === "load").length >= 2);
    store.isDown = false;
    expect(await recovery).toMatchObject({ status: "recovered" });
    expect(view.assigns.count).toBe(5);
    expect(view.holdEvents).toEqual([]);
    expect(store.errorCodes).toEqual([]);
  });

  it("settles the recovery with the late answer of an earlier try", async () => {
    const tab = await store.pageWithFive({ recoverWithinMs: 5_000 });
    const release = store.adapter.holdNext("load");
    store.isDown = false;
    const view = tab.join();
    const recovery = recoverState(view);
    await until(() => store.adapter.calls.includes("load"));
    store.isDown = true;
    await until(() => store.adapter.calls.filter((call) => call === "load").length >= 2);
    release();
    expect(await recovery).toMatchObject({ status: "recovered" });
    await tab.end(view);
    store.clock.advance(TTL_MS - 1);
    await store.expectFive(tab);
  });

  it("has the page join again by default, and no other token replaces the presented one", async () => {
    const tab = await store.pageWithFive();
    store.isDown = true;
    const view = tab.join();
    expect(await recoverState(view)).toMatchObject({
      status: "pending",
      error: { code: "adapter_unavailable" },
    });
    expect(view.rejoins).toBe(1);
    expect(await stash(view)).toMatchObject({ error: { code: "recovery_pending" } });
    await tab.end(view, "rejoining");
    expect(view.holdEvents).toEqual([]);
    expect(store.errorCodes).toEqual(["adapter_unavailable", "recovery_pending"]);
    await store.expectFive(tab);
  });

  it("does not delay a page that was just loaded: the view continues, and the state comes later", async () => {
    const tab = await store.pageWithFive({ recoverAfterReload: true, recoverWithinMs: 600_000 });
    tab.reload();
    store.isDown = true;
    const view = tab.join();
    expect(await recoverState(view)).toMatchObject({ status: "pending" });
    expect(view.rejoins).toBe(0);
    store.isDown = false;
    await until(() => store.lateResults.length > 0);
    expect(view.assigns.count).toBe(5);
  });
});

describe('whenUnavailable: "continue"', () => {
  const going = { whenUnavailable: "continue" } as const;

  it("refuses stashes until the store answers, then assigns the state if the keys are unchanged", async () => {
    const tab = await store.pageWithFive(going);
    store.isDown = true;
    const view = tab.join();
    expect(await recoverState(view)).toMatchObject({ status: "pending" });
    expect(await recoverState(view)).toMatchObject({ status: "pending" });
    await tab.render(view);
    expect(await stash(view)).toMatchObject({ error: { code: "recovery_pending" } });
    expect(view.holdEvents).toEqual([]);
    store.isDown = false;
    await until(() => store.lateResults.length > 0);
    expect(store.lateResults).toMatchObject([{ status: "recovered" }]);
    expect(statusesPushed(view)).toEqual(["pending", "recovered"]);
    expect(view.assigns.count).toBe(5);
    view.assign({ count: 6 });
    await until(() => view.assigns.count === 6);
    expect(await stash(view)).toMatchObject({ status: "saved" });
  });

  it("keeps a state aside if the page was changed: recoverState() takes it", async () => {
    const tab = await store.pageWithFive(going);
    store.isDown = true;
    const view = tab.join();
    await recoverState(view);
    await tab.render(view);
    view.assign({ count: 1 });
    store.isDown = false;
    await until(() => store.lateResults.length > 0);
    expect(store.lateResults).toMatchObject([{ status: "kept_aside" }]);
    expect(store.errorCodes).toContain("recovery_kept_aside");
    expect(view.assigns.count).toBe(1);
    expect(await stash(view)).toMatchObject({ error: { code: "recovery_pending" } });
    expect(await recoverState(view)).toMatchObject({ status: "recovered" });
    expect(view.assigns.count).toBe(5);
    view.assign({ count: 6 });
    expect(await stash(view)).toMatchObject({ status: "saved" });
  });

  it("keeps a state aside if the page was changed: resetStash() deletes it", async () => {
    const tab = await store.pageWithFive(going);
    store.isDown = true;
    const view = tab.join();
    await recoverState(view);
    await tab.render(view);
    view.assign({ count: 1 });
    store.isDown = false;
    await until(() => store.lateResults.length > 0);
    expect(await resetStash(view)).toEqual({ status: "reset" });
    expect(await stash(view)).toMatchObject({ status: "saved" });
    await tab.end(view);
    const next = tab.join();
    await recoverState(next);
    expect(next.assigns.count).toBe(1);
  });

  it("has reconcile() decide, and saves its decision", async () => {
    const tab = await store.pageWithFive({
      ...going,
      reconcile: (recovered, current) => ({
        count: (recovered.count ?? 0) * 10 + (current.count ?? 0),
      }),
    });
    store.isDown = true;
    const view = tab.join();
    await recoverState(view);
    await tab.render(view);
    view.assign({ count: 1 });
    store.isDown = false;
    await until(() => store.lateResults.length > 0);
    expect(view.assigns.count).toBe(51);
    await until(() => store.adapter.calls.at(-1) === "save");
    await tab.end(view);
    const next = tab.join();
    await recoverState(next);
    expect(next.assigns.count).toBe(51);
  });

  it.each([
    ["throws", () => Promise.reject(new Error("a mistake"))],
    ["never settles", () => new Promise<undefined>(() => {})],
    ["gives something else", () => 5 as never],
    ["gives a key that is not stored", () => ({ count: 1, notice: "hello" }) as never],
  ])("keeps the state aside if reconcile() %s", async (_name, reconcile) => {
    const tab = await store.pageWithFive({ ...going, reconcile });
    store.isDown = true;
    const view = tab.join();
    await recoverState(view);
    store.isDown = false;
    await until(() => store.lateResults.length > 0);
    expect(store.lateResults).toMatchObject([{ status: "kept_aside" }]);
    expect(store.errorCodes).toContain("reconcile_failed");
    expect(await recoverState(view)).toMatchObject({ status: "recovered" });
    expect(view.assigns.count).toBe(5);
  });

  it("settles when the store has no such stash, and saves the state that was refused", async () => {
    const tab = await store.pageWithFive(going);
    store.isDown = true;
    const view = tab.join();
    await recoverState(view);
    view.assign({ count: 2 });
    await stash(view);
    store.adapter.replaceStore((store.memory = createMemoryAdapter({ clock: store.clock })));
    store.isDown = false;
    await until(() => store.lateResults.length > 0);
    expect(store.lateResults).toEqual([{ status: "not_found", reason: "absent" }]);
    await until(() => store.memory.figures().entries === 1);
    await tab.end(view);
    const next = tab.join();
    await recoverState(next);
    expect(next.assigns.count).toBe(2);
  });

  it("leaves a state that came after the view's end to the next view", async () => {
    const tab = await store.pageWithFive(going);
    store.isDown = true;
    const view = tab.join();
    await recoverState(view);
    view.assign({ count: 1 });
    await stash(view);
    await tab.end(view);
    await store.expectFive(tab);
    expect(store.lateResults).toEqual([]);
  });

  it("deletes the state that a reset gave up while the store was down", async () => {
    const tab = await store.pageWithFive(going);
    store.isDown = true;
    const view = tab.join();
    await recoverState(view);
    expect(await resetStash(view)).toEqual({ status: "nothing" });
    store.isDown = false;
    view.assign({ count: 7 });
    expect(await stash(view)).toMatchObject({ status: "saved" });
    await tab.end(view);
    const next = tab.join();
    await recoverState(next);
    expect(next.assigns.count).toBe(7);
    expect(store.lateResults).toEqual([]);
  });

  it("does not report autoStash after each render while the store is down", async () => {
    const tab = await store.pageWithFive({ ...going, autoStash: true });
    store.isDown = true;
    const view = tab.join();
    await recoverState(view);
    for (const count of [1, 2, 3]) {
      view.assign({ count });
      await tab.render(view);
    }
    expect(store.errorCodes).toEqual(["adapter_unavailable"]);
    expect(view.holdEvents).toEqual([]);
    await tab.end(view);
    await store.expectFive(tab);
  });
});

describe("the first token", () => {
  it("is sent before the first stash, so that a state whose save was not confirmed is recovered", async () => {
    const tab = store.page();
    const view = tab.join();
    await recoverState(view);
    tab.receive(view);
    view.holdEvents.length = 0;
    view.assign({ count: 5 });
    expect(await stash(view)).toMatchObject({ status: "saved" });
    view.holdEvents.length = 0;
    await tab.end(view);
    await store.expectFive(tab);
  });

  it("names the stash of a first save that failed and was retried after the view had ended", async () => {
    const tab = store.page();
    const view = tab.join();
    await recoverState(view);
    view.assign({ count: 5 });
    store.isDown = true;
    expect(await stash(view)).toMatchObject({ status: "error" });
    await tab.end(view);
    store.isDown = false;
    await until(() => store.memory.figures().entries === 1);
    await store.expectFive(tab);
  });

  it("is replaced by another one after a reset", async () => {
    const tab = await store.pageWithFive();
    const view = tab.join();
    await recoverState(view);
    await resetStash(view);
    tab.receive(view);
    view.assign({ count: 5 });
    await stash(view);
    view.holdEvents.length = 0;
    await tab.end(view);
    await store.expectFive(tab);
  });
});

describe("a stash() beside a recovery", () => {
  it("that was called before the recovery had settled does not save the earlier values", async () => {
    const tab = await store.pageWithFive();
    const view = tab.join();
    const recovery = recoverState(view);
    const saved = stash(view);
    expect(await recovery).toMatchObject({ status: "recovered" });
    expect(await saved).toEqual({ status: "unchanged" });
    await tab.end(view);
    await store.expectFive(tab);
  });

  it("that failed before is not retried over a state that recoverState() assigned later", async () => {
    const tab = await store.pageWithFive();
    const view = tab.join();
    await recoverState(view);
    view.assign({ count: 7 });
    store.isDown = true;
    expect(await stash(view)).toMatchObject({ status: "error" });
    store.isDown = false;
    expect(await recoverState(view)).toMatchObject({ status: "recovered" });
    expect(view.assigns.count).toBe(5);
    await new Promise((resolve) => setTimeout(resolve, 700));
    await tab.end(view);
    await store.expectFive(tab);
  });
});

describe("a resetStash() beside a recovery", () => {
  it("deletes the stored state once the store answers, even if the browser never gets the new token", async () => {
    const tab = await store.pageWithFive({ whenUnavailable: "continue" });
    store.isDown = true;
    const view = tab.join();
    await recoverState(view);
    expect(await resetStash(view)).toEqual({ status: "nothing" });
    store.isDown = false;
    await until(() => store.memory.figures().entries === 0);
    expect(await recoverState(tab.join())).toMatchObject({ status: "not_found" });
  });

  it("cancels the save of a stash that the store had lost", async () => {
    store.adapter = new UnreliableAdapter(store.memory, { needsKeepAlive: true });
    const tab = store.page({ ttlMs: 400 });
    const view = tab.join();
    await recoverState(view);
    view.assign({ count: 5 });
    await stash(view);
    store.adapter.replaceStore((store.memory = createMemoryAdapter({ clock: store.clock })));
    await until(() => store.adapter.calls.includes("keepAlive"));
    expect(await resetStash(view)).toEqual({ status: "nothing" });
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(store.memory.figures().entries).toBe(0);
  });
});
