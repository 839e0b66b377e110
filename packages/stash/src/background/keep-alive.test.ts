import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakePage, SECRET, TestClock } from "../../test/fake-page.ts";
import { UnreliableAdapter } from "../../test/unreliable-adapter.ts";
import {
  createMemoryAdapter,
  liveStash,
  type LiveStashOptions,
  type MemoryAdapter,
  recoverState,
  resetStash,
  stash,
  type StashErrorContext,
} from "../index.ts";

interface Assigns {
  count: number;
}

const TTL_MS = 60_000;
const INTERVAL_MS = TTL_MS / 4;

let clock: TestClock;
let memory: MemoryAdapter;
let adapter: UnreliableAdapter;
let contexts: StashErrorContext[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  clock = new TestClock();
  memory = createMemoryAdapter({ clock });
  // Like a store in another process, which needs to be kept alive.
  adapter = new UnreliableAdapter(memory, { needsKeepAlive: true });
  contexts = [];
});

afterEach(() => vi.useRealTimers());

function page(options: Partial<LiveStashOptions<Assigns>> = {}): FakePage<Assigns> {
  const hook = liveStash<Assigns>({
    storedKeys: ["count"],
    adapter,
    secret: SECRET,
    ttlMs: TTL_MS,
    clock,
    onError: (_error, context) => contexts.push(context),
    ...options,
  });
  return new FakePage(hook, () => ({ count: 0 }));
}

async function pass(ms: number): Promise<void> {
  clock.advance(ms);
  await vi.advanceTimersByTimeAsync(ms);
}

function batches(): number {
  return adapter.calls.filter((call) => call === "keepAlive").length;
}

describe("keep-alive", () => {
  it("does not call the store in a loop if the TTL is longer than any timer", async () => {
    const view = page({ ttlMs: 2 ** 40 }).join();
    await stash(view);
    await pass(60_000);
    expect(batches()).toBe(0);
  });

  it("keeps the stash of a connected view alive, and the TTL counts from its end", async () => {
    const tab = page();
    const first = tab.join();
    await stash(first);
    for (let round = 0; round < 20; round += 1) await pass(INTERVAL_MS);
    expect(memory.figures()).toMatchObject({ entries: 1, expired: 0 });
    await tab.end(first);
    clock.advance(TTL_MS - 1);
    const second = tab.join();
    expect(await recoverState(second)).toMatchObject({ status: "recovered" });
    for (let round = 0; round < 20; round += 1) await pass(INTERVAL_MS);
    await tab.end(second);
    clock.advance(TTL_MS);
    expect(await recoverState(tab.join())).toMatchObject({ status: "not_found" });
  });

  it("lets a stash outlive a dead process by at most the TTL and one interval", async () => {
    const tab = page();
    const view = tab.join();
    await stash(view);
    tab.receive(view);
    clock.advance(TTL_MS + INTERVAL_MS - 1);
    memory.sweep();
    expect(memory.figures().entries).toBe(1);
    clock.advance(1);
    memory.sweep();
    expect(memory.figures().entries).toBe(0);
  });

  it("needs one call and one timer for all views, however many", async () => {
    const tab = page();
    const views = Array.from({ length: 100 }, () => tab.join());
    for (const view of views) await stash(view);
    expect(vi.getTimerCount()).toBe(1);
    await pass(INTERVAL_MS);
    expect(batches()).toBe(1);
    expect(vi.getTimerCount()).toBe(1);
    const ends = views.map((view) => tab.end(view));
    await pass(INTERVAL_MS);
    await Promise.all(ends);
    await pass(INTERVAL_MS);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("has no timer while no view owns a stash", async () => {
    const tab = page();
    const view = tab.join();
    expect(vi.getTimerCount()).toBe(0);
    await stash(view);
    expect(vi.getTimerCount()).toBe(1);
    await resetStash(view);
    expect(vi.getTimerCount()).toBe(0);
    await pass(TTL_MS);
    expect(batches()).toBe(0);
  });

  it("follows the shortest TTL among the views", async () => {
    await stash(page().join());
    await stash(page({ ttlMs: 4_000 }).join());
    await pass(1_000);
    expect(batches()).toBe(1);
    await pass(1_000);
    expect(batches()).toBe(2);
  });

  it("does not extend the deadline of a superseded view's successor", async () => {
    const tab = page();
    const old = tab.join();
    await stash(old);
    tab.receive(old);
    const current = tab.join();
    await recoverState(current);
    await tab.end(current);
    for (let round = 0; round < 4; round += 1) await pass(INTERVAL_MS);
    memory.sweep();
    expect(memory.figures().entries).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
    expect(await stash(old)).not.toMatchObject({ status: "unchanged" });
  });

  it("detects that the store lost a stash, and the next stash() writes it again", async () => {
    const view = page().join();
    await stash(view);
    expect(await stash(view)).toEqual({ status: "unchanged" });
    adapter.replaceStore(createMemoryAdapter({ clock }));
    await pass(INTERVAL_MS);
    expect(await stash(view)).toMatchObject({ status: "saved" });
    expect(view.holdEvents).toHaveLength(1);
  });

  it("reports a failure once per liveStash(), and continues", async () => {
    const tab = page();
    for (let count = 0; count < 10; count += 1) await stash(tab.join());
    adapter.failNext("keepAlive", new Error("down"));
    await pass(INTERVAL_MS);
    expect(contexts).toEqual([{ view: "counter", operation: "keep_alive" }]);
    await pass(INTERVAL_MS);
    expect(batches()).toBe(2);
    expect(contexts).toHaveLength(1);
  });

  it("never has two batches in flight", async () => {
    await stash(page().join());
    const release = adapter.holdNext("keepAlive");
    await pass(INTERVAL_MS - 1);
    await pass(1);
    expect(batches()).toBe(1);
    await stash(page().join());
    await pass(INTERVAL_MS - 1);
    expect(batches()).toBe(1);
    release();
    await pass(INTERVAL_MS);
    expect(batches()).toBe(2);
  });
});
