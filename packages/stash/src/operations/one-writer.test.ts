import { beforeEach, describe, expect, it } from "vitest";
import { createCounterPages, TTL_MS } from "../../test/counter-pages.ts";
import { recoverState, resetStash, stash } from "../index.ts";

let { adapter, clock, disconnectedPage, memory, page } = createCounterPages();

beforeEach(() => {
  ({ adapter, clock, disconnectedPage, memory, page } = createCounterPages());
});

describe("one writer", () => {
  it("a late stash, reset or end of the old view changes nothing", async () => {
    const tab = page();
    const old = tab.join();
    old.assign({ count: 1 });
    await stash(old);
    tab.receive(old);
    const current = tab.join();
    await recoverState(current);

    old.assign({ count: 666 });
    expect(await stash(old)).toEqual({ status: "superseded" });
    expect(await resetStash(old)).toEqual({ status: "superseded" });
    expect(await recoverState(old)).toMatchObject({ status: "new" });
    await tab.end(old, "left");
    clock.advance(TTL_MS * 2);
    current.assign({ count: 2 });
    expect(await stash(current)).toMatchObject({ status: "saved" });
    await tab.end(current);
    const next = tab.join();
    expect(await recoverState(next)).toMatchObject({ status: "recovered" });
    expect(next.assigns.count).toBe(2);
    expect(memory.figures()).toMatchObject({ entries: 1, connected: 1 });
  });

  it("the late load of a view that was already replaced changes nothing", async () => {
    const tab = page();
    const first = tab.join();
    first.assign({ count: 1 });
    await stash(first);
    await tab.end(first);
    const replaced = tab.join();
    const current = tab.join();
    expect(await recoverState(current)).toMatchObject({ status: "recovered" });

    expect(await recoverState(replaced)).toEqual({ status: "not_found", reason: "superseded" });
    replaced.assign({ count: 666 });
    expect(await stash(replaced)).toEqual({ status: "superseded" });
    await tab.end(replaced);
    current.assign({ count: 2 });
    expect(await stash(current)).toMatchObject({ status: "saved" });
    await tab.end(current);
    const next = tab.join();
    expect(await recoverState(next)).toMatchObject({ status: "recovered" });
    expect(next.assigns.count).toBe(2);
  });

  it("a reloaded page takes over from views that were mounted many times", async () => {
    const tab = page({ recoverAfterReload: true });
    for (const count of [1, 2, 3]) {
      const view = tab.join();
      await recoverState(view);
      view.assign({ count });
      await stash(view);
      await tab.end(view);
    }
    tab.reload();
    const reloaded = tab.join();
    expect(await recoverState(reloaded)).toMatchObject({ status: "recovered" });
    expect(reloaded.assigns.count).toBe(3);
  });

  it("an old view that finds itself superseded by a reset or by its end deletes nothing", async () => {
    const tab = page();
    const reset = tab.join();
    await stash(reset);
    tab.receive(reset);
    const left = tab.join();
    await recoverState(left);
    const current = tab.join();
    await recoverState(current);
    expect(await resetStash(reset)).toEqual({ status: "superseded" });
    await tab.end(left, "left");
    expect(memory.figures()).toMatchObject({ entries: 1, connected: 1 });
    current.assign({ count: 5 });
    expect(await stash(current)).toMatchObject({ status: "saved" });
  });

  it("a view that has ended does not create its stash again", async () => {
    const tab = page();
    const view = tab.join();
    await stash(view);
    await tab.end(view, "left");
    view.assign({ count: 1 });
    expect(await stash(view)).toEqual({ status: "superseded" });
    expect(await resetStash(view)).toEqual({ status: "superseded" });
    expect(memory.figures().entries).toBe(0);

    const again = await disconnectedPage(3);
    const ended = again.join();
    await again.end(ended);
    expect(await recoverState(ended)).toEqual({ status: "not_found", reason: "absent" });
    expect(adapter.calls).toEqual([]);
  });

  it("a handler that outlives its connection still stashes, within the TTL of the disconnect", async () => {
    const tab = page();
    const view = tab.join();
    await stash(view);
    await tab.end(view);
    clock.advance(TTL_MS - 1);
    view.assign({ count: 7 });
    expect(await stash(view)).toMatchObject({ status: "saved" });
    const next = tab.join();
    expect(await recoverState(next)).toMatchObject({ status: "recovered" });
    expect(next.assigns.count).toBe(7);
    view.assign({ count: 8 });
    expect(await stash(view)).toEqual({ status: "superseded" });
  });

  it("a handler that outlives its connection creates no stash, and extends none beyond its TTL", async () => {
    const tab = page();
    const first = tab.join();
    await tab.end(first);
    expect(await stash(first)).toEqual({ status: "superseded" });
    const second = tab.join();
    await stash(second);
    await tab.end(second);
    clock.advance(TTL_MS);
    second.assign({ count: 9 });
    expect(await stash(second)).toEqual({ status: "superseded" });
    memory.sweep();
    expect(memory.figures().entries).toBe(0);
  });

  it("a stash that was running when the view ended still gets its deadline", async () => {
    const tab = page();
    const view = tab.join();
    const release = adapter.holdNext("save");
    const saved = stash(view);
    const ended = tab.end(view);
    release();
    expect(await saved).toMatchObject({ status: "saved" });
    await ended;
    expect(memory.figures()).toMatchObject({ entries: 1, connected: 0 });
  });

  it("a recovery that was running when the view ended restores the stash's deadline", async () => {
    const tab = await disconnectedPage(3);
    const view = tab.join();
    const release = adapter.holdNext("load");
    const recovered = recoverState(view);
    const ended = tab.end(view);
    release();
    expect(await recovered).toMatchObject({ status: "recovered" });
    await ended;
    expect(memory.figures()).toMatchObject({ entries: 1, connected: 0 });
    expect(await recoverState(tab.join())).toMatchObject({ status: "recovered" });
  });
});
