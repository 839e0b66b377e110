import { createHook } from "node:async_hooks";
import { beforeEach, describe, expect, it } from "vitest";
import { type Assigns, createCounterPages, TTL_MS } from "../test/counter-pages.ts";
import { FakeHost, FakePage, SECRET } from "../test/fake-page.ts";
import { createMemoryAdapter, liveStash, recoverState, resetStash, stash } from "./index.ts";

let { adapter, clock, disconnectedPage, errors, hook, memory, page } = createCounterPages();

beforeEach(() => {
  ({ adapter, clock, disconnectedPage, errors, hook, memory, page } = createCounterPages());
});

describe("a page that comes back", () => {
  it("finds its state", async () => {
    const tab = page();
    const first = tab.join();
    expect(await recoverState(first)).toEqual({ status: "new" });
    first.assign({ count: 3, cart: { items: [new Date(5)] } });
    const savedAtMs = clock.now();
    expect(await stash(first)).toMatchObject({
      status: "saved",
      bytes: expect.any(Number) as number,
    });
    clock.advance(1_000);
    await tab.end(first);
    clock.advance(TTL_MS - 1);

    const second = tab.join();
    expect(await recoverState(second)).toEqual({
      status: "recovered",
      ageMs: 1_000 + TTL_MS - 1,
      savedAtMs,
      restored: ["count", "cart"],
    });
    expect(second.assigns).toEqual({ count: 3, cart: { items: [new Date(5)] } });
    expect(second.holdEvents).toEqual([]);
    expect(errors).toEqual([]);
  });

  it("does not recover a state that it reset before, and keeps the state that it stashes then", async () => {
    const tab = await disconnectedPage(3);
    const view = tab.join();
    expect(await resetStash(view)).toEqual({ status: "reset" });
    expect(await recoverState(view)).toEqual({ status: "not_found", reason: "nothing_held" });
    view.assign({ count: 4 });
    expect(await stash(view)).toMatchObject({ status: "saved" });
    await tab.end(view);
    const next = tab.join();
    expect(await recoverState(next)).toMatchObject({ status: "recovered" });
    expect(next.assigns.count).toBe(4);
  });

  it("keeps the state that it stashed before recoverState(), even if it presents another view's token", async () => {
    const tab = page();
    tab.token = "the string of a view that was navigated away from";
    const view = tab.join();
    view.assign({ count: 2 });
    expect(await stash(view)).toMatchObject({ status: "saved" });
    expect(await recoverState(view)).toEqual({ status: "new" });
    await tab.end(view);
    expect(await recoverState(tab.join())).toMatchObject({ status: "recovered" });
  });

  it("finds no state once the TTL, counted from the disconnect, is over", async () => {
    const tab = await disconnectedPage(3);
    clock.advance(TTL_MS);
    const view = tab.join();
    expect(await recoverState(view)).toEqual({ status: "not_found", reason: "absent" });
    expect(view.assigns).toEqual({ count: 0 });
  });

  it("keeps its stash while connected, however idle", async () => {
    const tab = page();
    const first = tab.join();
    await stash(first);
    clock.advance(TTL_MS * 100);
    memory.sweep();
    await tab.end(first, "crashed");
    const second = tab.join();
    await recoverState(second);
    clock.advance(TTL_MS * 100);
    memory.sweep();
    await tab.end(second, "shutdown");
    expect(await recoverState(tab.join())).toMatchObject({ status: "recovered" });
  });

  it("finds its state each time, even when the join's answer is lost three times", async () => {
    const tab = await disconnectedPage(7);
    const { token } = tab;
    const lost = [];
    for (let attempt = 0; attempt < 4; attempt += 1) {
      const view = tab.join();
      expect(await recoverState(view)).toMatchObject({ status: "recovered" });
      expect(view.assigns.count).toBe(7);
      expect(tab.token).toBe(token);
      lost.push(view);
    }
    const last = lost.pop();
    for (const zombie of lost) {
      zombie.assign({ count: 99 });
      expect(await stash(zombie)).toEqual({ status: "superseded" });
    }
    if (last === undefined) throw new Error("Expected a last view.");
    last.assign({ count: 8 });
    expect(await stash(last)).toMatchObject({ status: "saved" });
  });

  it("finds no state after it left for good", async () => {
    const tab = page();
    const view = tab.join();
    await stash(view);
    await tab.end(view, "left");
    expect(memory.figures().entries).toBe(0);
    expect(await recoverState(tab.join())).toEqual({ status: "not_found", reason: "absent" });
  });

  it("has lost no state after 20 quick reconnects", async () => {
    const tab = await disconnectedPage(0);
    for (let round = 0; round < 20; round += 1) {
      const view = tab.join();
      await recoverState(view);
      expect(view.assigns.count).toBe(round);
      view.assign({ count: round + 1 });
      await stash(view);
      await tab.end(view);
    }
    expect(memory.figures()).toMatchObject({ entries: 1, connected: 0 });
  });
});

describe("autoStash", () => {
  it("stashes after each render that changed a stored key", async () => {
    const auto = hook({ autoStash: true });
    const tab = new FakePage(auto, (): Assigns => ({ count: 0 }));
    const view = tab.join();
    await auto.afterRender?.(view);
    await auto.afterRender?.(view);
    view.assign({ count: 1 });
    await auto.afterRender?.(view);
    expect(adapter.calls.filter((call) => call === "save")).toHaveLength(2);
    expect(hook().afterRender).toBeUndefined();
  });
});

describe("sessions", () => {
  it("can be bound by one value: it survives a new session of the same user", async () => {
    const tab = page({ sessionKey: "userId" });
    const first = tab.join({ sessionId: "one", session: { userId: 7 } });
    await stash(first);
    await tab.end(first);
    const stranger = tab.join({ sessionId: "one", session: { userId: 8 } });
    expect(await recoverState(stranger)).toMatchObject({ reason: "reference_rejected" });
    const second = tab.join({ sessionId: "two", session: { userId: 7 } });
    expect(await recoverState(second)).toMatchObject({ status: "recovered" });
  });

  it("without that value neither stash nor recover, and return an error", async () => {
    const tab = page({ sessionKey: "userId" });
    const view = tab.join();
    expect(await stash(view)).toMatchObject({ status: "error", error: { code: "invalid_option" } });
    expect(adapter.calls).toEqual([]);
    tab.token = "whatever";
    const next = tab.join({ session: { userId: { id: 1 } } });
    expect(await recoverState(next)).toMatchObject({
      status: "error",
      reason: "reference_rejected",
      error: { code: "invalid_option" },
    });
    expect(errors).toHaveLength(2);
  });
});

describe("views", () => {
  it("must use liveStash()", () => {
    const stranger = new FakeHost<Assigns>({ count: 0 }, {});
    for (const call of [stash, recoverState, resetStash]) {
      expect(() => call(stranger)).toThrow(
        expect.objectContaining({ code: "not_a_stash_view" }) as Error,
      );
    }
  });

  it("must use it once", () => {
    const view = page().join();
    expect(() => hook().onMount(view)).toThrow(
      expect.objectContaining({ code: "invalid_option" }) as Error,
    );
  });

  it("may end without having mounted, or end twice", async () => {
    const only = hook();
    const view = new FakeHost<Assigns>({ count: 0 }, {});
    expect(only.onTerminate(view, "crashed")).toBeUndefined();
    const tab = new FakePage(only, (): Assigns => ({ count: 0 }));
    const mounted = tab.join();
    await stash(mounted);
    await tab.end(mounted);
    clock.advance(1_000);
    await tab.end(mounted, "left");
    expect(memory.figures().entries).toBe(1);
  });

  it("need no timer and no handle, however many", async () => {
    const created: string[] = [];
    const watch = createHook({ init: (_id, type) => void created.push(type) }).enable();
    const local = createMemoryAdapter();
    const only = liveStash<Assigns>({ storedKeys: ["count"], adapter: local, secret: SECRET });
    const listeners = (): number[] =>
      process.eventNames().map((name) => process.listenerCount(name));
    const before = process.getActiveResourcesInfo();
    const listenersBefore = listeners();
    const views = Array.from({ length: 1_000 }, (_, count) => new FakeHost<Assigns>({ count }, {}));
    for (const view of views) {
      only.onMount(view);
      expect(await stash(view)).toMatchObject({ status: "saved" });
    }
    expect(process.getActiveResourcesInfo()).toEqual(before);
    expect(listeners()).toEqual(listenersBefore);
    for (const view of views) await only.onTerminate(view, "disconnected");
    expect(process.getActiveResourcesInfo()).toEqual(before);
    expect(local.figures()).toMatchObject({ entries: 1_000, connected: 0 });
    // The thousand views need only the one sweep of disconnected stashes.
    expect(created.filter((type) => type === "Timeout").length).toBe(1);
    await local.close();
    watch.disable();
  });
});
