import { beforeEach, describe, expect, it } from "vitest";
import { createCounterPages } from "../../test/counter-pages.ts";
import { FakeHost, SECRET } from "../../test/fake-page.ts";
import { UnreliableAdapter } from "../../test/unreliable-adapter.ts";
import {
  createMemoryAdapter,
  liveStash,
  recoverState,
  resetStash,
  stash,
  type StashError,
} from "../index.ts";

let { adapter, clock, disconnectedPage, errors, memory, page } = createCounterPages();

beforeEach(() => {
  ({ adapter, clock, disconnectedPage, errors, memory, page } = createCounterPages());
});

describe("stash", () => {
  it("writes only changed state, even if it was changed in place", async () => {
    const view = page().join();
    view.assign({ count: 1, cart: { items: [1] } });
    expect(await stash(view)).toMatchObject({ status: "saved" });
    expect(await stash(view)).toEqual({ status: "unchanged" });
    view.assigns.cart?.items.push(2);
    expect(await stash(view)).toMatchObject({ status: "saved" });
    view.assigns.cart?.items.push(3);
    view.assigns.cart?.items.pop();
    expect(await stash(view)).toEqual({ status: "unchanged" });
    view.assign({ cart: { items: [1, 2] }, draft: "not stored" });
    expect(await stash(view)).toEqual({ status: "unchanged" });
    expect(adapter.calls.filter((call) => call === "save")).toHaveLength(2);
  });

  it("does not write a state that was just recovered", async () => {
    const tab = await disconnectedPage(3);
    const view = tab.join();
    await recoverState(view);
    expect(await stash(view)).toEqual({ status: "unchanged" });
    view.assign({ count: 4 });
    expect(await stash(view)).toMatchObject({ status: "saved" });
  });

  it("sends the browser its token once", async () => {
    const view = page().join();
    for (const count of [1, 2, 3]) {
      view.assign({ count });
      await stash(view);
    }
    expect(view.holdEvents).toEqual([{ v: "phx-1", h: expect.any(String) as string }]);
  });

  it("saves the state of the moment of the call, in the order of the calls", async () => {
    const tab = page();
    const view = tab.join();
    const release = adapter.holdNext("save");
    const results = [1, 2, 3].map((count) => {
      view.assign({ count, cart: { items: [] } });
      const result = stash(view);
      view.assigns.cart?.items.push("too late");
      return result;
    });
    expect(view.waitedFor).toHaveLength(3);
    expect(adapter.calls).toEqual(["save"]);
    release();
    expect(await Promise.all(results)).toMatchObject([
      { status: "saved" },
      { status: "saved" },
      { status: "saved" },
    ]);
    await tab.end(view);
    const next = tab.join();
    await recoverState(next);
    expect(next.assigns).toEqual({ count: 3, cart: { items: [] } });
  });

  it("makes the reply wait for the save even if the application does not await it", async () => {
    const view = page().join();
    const release = adapter.holdNext("save");
    void stash(view);
    let isSettled = false;
    const reply = Promise.all(view.waitedFor).then(() => (isSettled = true));
    await Promise.resolve();
    expect(isSettled).toBe(false);
    release();
    await reply;
    expect(memory.figures().entries).toBe(1);
  });

  it("creates a new stash if the old one is gone", async () => {
    const tab = page();
    const view = tab.join();
    await stash(view);
    tab.receive(view);
    const before = tab.token;
    adapter.replaceStore(createMemoryAdapter({ clock }));
    view.assign({ count: 1 });
    expect(await stash(view)).toMatchObject({ status: "saved" });
    tab.receive(view);
    expect(tab.token).not.toBe(before);
    await tab.end(view);
    const next = tab.join();
    expect(await recoverState(next)).toMatchObject({ status: "recovered" });
    expect(next.assigns.count).toBe(1);
  });

  it("reports a value that cannot be stashed, and the view continues", async () => {
    const view = page().join();
    view.assign({ cart: { items: [{ onClick: () => 1 }] } });
    const result = await stash(view);
    expect(result).toMatchObject({ status: "error", error: { code: "unsupported_value" } });
    expect(errors[0]?.error.message).toContain("cart.items[0].onClick");
    expect(errors[0]?.context).toEqual({ view: "counter", operation: "stash" });
    view.assign({ cart: { items: [] } });
    expect(await stash(view)).toMatchObject({ status: "saved" });
  });

  it("names the three largest keys of a state that is too large", async () => {
    const large = liveStash<Record<string, unknown>>({
      storedKeys: ["a", "b", "c", "d"],
      adapter,
      secret: SECRET,
      maxStateBytes: 1_000,
      onError: () => {},
    });
    const view = new FakeHost<Record<string, unknown>>(
      { a: "a".repeat(100), b: "ü".repeat(2_000), c: ["c".repeat(500)], d: "hunter2".repeat(40) },
      {},
    );
    large.onMount(view);
    const result = await stash(view);
    expect(result).toMatchObject({ status: "error", error: { code: "state_too_large" } });
    const { message } = (result as { error: StashError }).error;
    expect(message).toMatch(/b \(over 1000 bytes\), c \(\d+ bytes\), d \(\d+ bytes\)/);
    expect(message).not.toContain("hunter2");
    expect(adapter.calls).toEqual([]);
  });

  it("refuses a record that is too large for the adapter", async () => {
    const small = new UnreliableAdapter(memory, { maxBytes: 20 });
    const view = page({ adapter: small }).join();
    view.assign({ cart: { items: ["some text that takes more than twenty bytes"] } });
    expect(await stash(view)).toMatchObject({ error: { code: "state_too_large" } });
    expect(small.calls).toEqual([]);
  });

  it("reports that the store is full, and saves once it has room", async () => {
    const full = createMemoryAdapter({ clock, maxBytes: 400 });
    const tab = page({ adapter: full });
    const one = tab.join();
    const other = tab.join();
    await stash(one);
    expect(await stash(other)).toMatchObject({ status: "error", error: { code: "adapter_full" } });
    await resetStash(one);
    expect(await stash(other)).toMatchObject({ status: "saved" });
  });
});
