import { beforeEach, describe, expect, it } from "vitest";
import { FailingStore, until } from "../../test/failing-store.ts";
import { UnreliableAdapter } from "../../test/unreliable-adapter.ts";
import { recoverState, resetStash, stash, StashError, createMemoryAdapter } from "../index.ts";

let store: FailingStore;

beforeEach(() => {
  store = new FailingStore();
});

describe("a state with which views crash", () => {
  it.each([false, true])(
    "is recovered three times, then set aside (recoverAfterReload: %j)",
    async (recoverAfterReload) => {
      const tab = await store.pageWithFive({ recoverAfterReload });
      for (let offer = 0; offer < 3; offer += 1) {
        const view = tab.join();
        expect(await recoverState(view)).toMatchObject({ status: "recovered" });
        await tab.end(view, "crashed");
      }
      const view = tab.join();
      expect(await recoverState(view)).toMatchObject({ status: "error", reason: "set_aside" });
      expect(view.assigns.count).toBe(0);
      expect(view.holdEvents).toEqual([]);
      expect(store.errorCodes).toEqual(["recovery_set_aside"]);
      expect(store.memory.figures().entries).toBe(1);
      view.assign({ count: 1 });
      expect(await stash(view)).toMatchObject({ status: "saved" });
    },
  );

  it("is recovered by a corrected release, if no other state replaced it", async () => {
    const tab = await store.pageWithFive();
    for (let offer = 0; offer < 3; offer += 1) {
      const view = tab.join();
      await recoverState(view);
      await tab.end(view, "crashed");
    }
    await recoverState(tab.join());
    const next = store.page();
    // The page keeps counting its mounts.
    for (let mounts = 0; mounts < 6; mounts += 1) next.join();
    next.token = tab.token;
    await store.expectFive(next);
  });

  it("is not set aside for views that end in another way", async () => {
    const tab = await store.pageWithFive();
    for (let end = 0; end < 6; end += 1) {
      const view = tab.join();
      await recoverState(view);
      await tab.end(view, "disconnected");
    }
    await store.expectFive(tab);
  });
});

describe("a stash that the store has lost", () => {
  it("is saved again when the keep-alive finds it missing, and no stash is unchanged before", async () => {
    store.adapter = new UnreliableAdapter(store.memory, { needsKeepAlive: true });
    const tab = store.page({ ttlMs: 400 });
    const view = tab.join();
    await recoverState(view);
    view.assign({ count: 5 });
    await stash(view);
    store.adapter.replaceStore((store.memory = createMemoryAdapter({ clock: store.clock })));
    await until(() => store.memory.figures().entries === 1);
    await tab.end(view);
    await store.expectFive(tab);
  });

  it("is created again under its id, so that a lost answer loses no state", async () => {
    store.adapter = new UnreliableAdapter(store.memory, { needsKeepAlive: true });
    const tab = store.page();
    const view = tab.join();
    await recoverState(view);
    await stash(view);
    tab.receive(view);
    view.holdEvents.length = 0;
    store.adapter.replaceStore((store.memory = createMemoryAdapter({ clock: store.clock })));
    view.assign({ count: 5 });
    expect(await stash(view)).toMatchObject({ status: "saved" });
    expect(view.holdEvents).toEqual([]);
    await tab.end(view);
    await store.expectFive(tab);
  });

  it("belongs to the current view, even if a replaced view created it again first", async () => {
    store.adapter = new UnreliableAdapter(store.memory, { needsKeepAlive: true });
    // The keep-alive comes long after the two stashes that follow each other here.
    const tab = store.page({ ttlMs: 6_000 });
    const first = tab.join();
    await recoverState(first);
    first.assign({ count: 1 });
    await stash(first);
    tab.receive(first);
    const old = tab.join();
    await recoverState(old);
    const current = tab.join();
    await recoverState(current);
    current.assign({ count: 5 });
    await stash(current);
    store.adapter.calls.length = 0;
    store.adapter.replaceStore((store.memory = createMemoryAdapter({ clock: store.clock })));
    const lost = tab.token;
    old.assign({ count: 2 });
    expect(await stash(old)).toMatchObject({ status: "saved" });
    await until(() => {
      const load = store.adapter.calls.indexOf("load");
      return load >= 0 && store.adapter.calls.lastIndexOf("save") > load;
    });
    tab.token = lost;
    await tab.end(current);
    await store.expectFive(tab);
    old.assign({ count: 3 });
    expect(await stash(old)).toMatchObject({ status: "superseded" });
  });

  it("is saved once more after the last save had failed too", async () => {
    const tab = await store.pageWithFive();
    const view = tab.join();
    await recoverState(view);
    view.assign({ count: 6 });
    store.isDown = true;
    expect(await stash(view)).toMatchObject({ status: "error" });
    store.isDown = false;
    store.adapter.replaceStore((store.memory = createMemoryAdapter({ clock: store.clock })));
    await expect(tab.end(view)).resolves.toBeUndefined();
  });
});

describe("a stored state that cannot be used", () => {
  it("is not replaced by autoStash before the stored keys change", async () => {
    let isMistaken = true;
    const schema = {
      "~standard": {
        version: 1 as const,
        vendor: "test",
        validate: (value: unknown) => (isMistaken ? { issues: [{ message: "no" }] } : { value }),
      },
    };
    const tab = await store.pageWithFive({ autoStash: true, schema });
    const view = tab.join();
    expect(await recoverState(view)).toMatchObject({ reason: "schema_rejected" });
    await tab.render(view);
    await tab.render(view);
    await tab.end(view);
    isMistaken = false;
    await store.expectFive(tab);
  });

  it("is an error, and does not end the process, if values throw when they are read", async () => {
    const mistake = new Error("a lazy relation");
    const schema = {
      "~standard": {
        version: 1 as const,
        vendor: "test",
        validate: () => ({
          value: {
            get count(): number {
              throw mistake;
            },
          },
        }),
      },
    };
    const tab = await store.pageWithFive({ schema });
    expect(await recoverState(tab.join())).toMatchObject({
      reason: "schema_rejected",
      error: { code: "unexpected_error", cause: mistake },
    });
    const view = tab.join();
    Object.defineProperty(view.assigns, "count", {
      enumerable: true,
      get() {
        throw mistake;
      },
    });
    await resetStash(view);
    expect(await stash(view)).toMatchObject({ error: { code: "unexpected_error" } });
  });

  it("does not stop the retries of other views when its own retry fails", async () => {
    const tab = store.page();
    const broken = tab.join();
    await recoverState(broken);
    broken.assign({ count: 1 });
    store.isDown = true;
    expect(await stash(broken)).toMatchObject({ status: "error" });
    const other = store.page();
    const view = other.join();
    await recoverState(view);
    view.assign({ count: 5 });
    await stash(view);
    store.adapter.failNext("save", new StashError("unexpected_error", "a mistake"));
    store.isDown = false;
    await until(() => store.memory.figures().entries === 1);
    await other.end(view);
    await store.expectFive(other);
  });
});

describe("an autoStash that fails at each render", () => {
  it("is reported once, until a save succeeds", async () => {
    const tab = store.page({ autoStash: true });
    const view = tab.join();
    await recoverState(view);
    store.isDown = true;
    for (const count of [1, 2, 3]) {
      view.assign({ count });
      await tab.render(view);
    }
    expect(store.errorCodes).toEqual(["adapter_unavailable"]);
    store.isDown = false;
    view.assign({ count: 4 });
    await tab.render(view);
    store.isDown = true;
    view.assign({ count: 5 });
    await tab.render(view);
    expect(store.errorCodes).toEqual(["adapter_unavailable", "adapter_unavailable"]);
  });
});

describe("crashes while a person's event is handled", () => {
  it("count less than others, because only one button may be broken", async () => {
    const tab = await store.pageWithFive();
    for (let crash = 0; crash < 5; crash += 1) {
      const view = tab.join();
      expect(await recoverState(view)).toMatchObject({ status: "recovered" });
      tab.event(view);
      await tab.end(view, "crashed");
    }
    await store.expectFive(tab);
  });
});
