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
  StashError,
} from "../index.ts";

interface Assigns {
  count: number;
}

const TTL_MS = 60_000;
/** The longest delay between two tries. */
const LONGEST_WAIT_MS = 6_000;

let clock: TestClock;
let memory: MemoryAdapter;
let adapter: UnreliableAdapter;
let codes: string[];
let isDown: boolean;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  clock = new TestClock();
  memory = createMemoryAdapter({ clock });
  adapter = new UnreliableAdapter(memory);
  const { save } = adapter;
  isDown = false;
  adapter.save = (request) => {
    if (isDown) adapter.failNext("save", new Error("connection refused"));
    return save(request);
  };
  codes = [];
});

afterEach(() => vi.useRealTimers());

function page(options: Partial<LiveStashOptions<Assigns>> = {}): FakePage<Assigns> {
  const hook = liveStash<Assigns>({
    storedKeys: ["count"],
    adapter,
    secret: SECRET,
    ttlMs: TTL_MS,
    clock,
    onError: ({ code }) => codes.push(code),
    ...options,
  });
  return new FakePage(hook, () => ({ count: 0 }));
}

async function pass(ms: number): Promise<void> {
  clock.advance(ms);
  await vi.advanceTimersByTimeAsync(ms);
}

function saves(): number {
  return adapter.calls.filter((call) => call === "save").length;
}

/** The result of a recovery by the page, if it came back now. */
async function recovered(tab: FakePage<Assigns>): Promise<number | string> {
  const view = tab.join();
  const { status } = await recoverState(view);
  return status === "recovered" ? view.assigns.count : status;
}

describe("a state that could not be saved", () => {
  it("is saved as soon as the store is back, without a call by the application", async () => {
    const [tab, first] = [page(), page()];
    const view = tab.join();
    await stash(view);
    const fresh = first.join();
    isDown = true;
    view.assign({ count: 1 });
    expect(await stash(view)).toMatchObject({ status: "error" });
    view.assign({ count: 2 });
    expect(await stash(view)).toMatchObject({ status: "error" });
    fresh.assign({ count: 3 });
    expect(await stash(fresh)).toMatchObject({ status: "error" });
    // Not stashed, so this value is not saved.
    view.assign({ count: 666 });
    await pass(20_000);
    isDown = false;
    await pass(LONGEST_WAIT_MS);

    expect(codes).toHaveLength(3);
    await tab.end(view);
    await first.end(fresh);
    expect([await recovered(tab), await recovered(first)]).toEqual([2, 3]);
  });

  it("is retried with growing delays, one view at a time, until the store answers", async () => {
    isDown = true;
    const views = Array.from({ length: 200 }, () => page().join());
    await Promise.all(views.map((view) => stash(view)));
    expect(saves()).toBe(200);
    await pass(600);
    expect(saves()).toBe(201);
    await pass(60_000);
    expect(saves()).toBeGreaterThan(201 + 8);
    expect(saves()).toBeLessThan(201 + 16);

    isDown = false;
    await pass(LONGEST_WAIT_MS);
    expect(memory.figures().entries).toBe(200);
    const savesInAll = saves();
    await pass(60_000);
    expect(saves()).toBe(savesInAll);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is not retried, nor its store called, once its view has nothing to save", async () => {
    isDown = true;
    const tabs = Array.from({ length: 100 }, () => page());
    const views = tabs.map((tab) => ({ tab, view: tab.join() }));
    await Promise.all(views.map(({ view }) => stash(view)));
    // Ended, and no browser has their tokens: nobody could ever ask for these.
    const gone = views.filter((_, at) => at % 2 === 0);
    await Promise.all(gone.map(({ tab, view }) => tab.end(view)));
    await pass(600);
    expect(saves()).toBe(101);

    for (const { tab, view } of views) await tab.end(view, "left");
    await pass(LONGEST_WAIT_MS);
    expect(saves()).toBe(101);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("does not delay the others if it always fails", async () => {
    const views = Array.from({ length: 150 }, () => page().join());
    isDown = true;
    await Promise.all(views.map((view) => stash(view)));
    isDown = false;
    const { save } = adapter;
    let refused: string | undefined;
    adapter.save = (request) => {
      refused ??= request.owner;
      if (request.owner === refused) adapter.failNext("save", new Error("connection refused"));
      return save(request);
    };
    await pass(2 * LONGEST_WAIT_MS);
    expect(memory.figures().entries).toBe(149);
  });

  it("leaves the stored state to expire if the store finally refuses it when the view ends", async () => {
    const tab = page();
    const view = tab.join();
    await stash(view);
    isDown = true;
    view.assign({ count: 1 });
    await stash(view);
    isDown = false;
    adapter.failNext("save", new StashError("adapter_full", "full"));
    await tab.end(view);
    await pass(2 * TTL_MS);
    expect(memory.figures().connected).toBe(0);
    expect(await recovered(tab)).toBe("not_found");
  });

  it("is not written after a newer one, nor after a reset", async () => {
    const [tab, other] = [page(), page()];
    const [view, reset] = [tab.join(), other.join()];
    await stash(reset);
    isDown = true;
    view.assign({ count: 1 });
    reset.assign({ count: 1 });
    await Promise.all([stash(view), stash(reset)]);
    isDown = false;
    view.assign({ count: 2 });
    expect(await stash(view)).toMatchObject({ status: "saved" });
    expect(await resetStash(reset)).toEqual({ status: "reset" });
    const savesBefore = saves();
    await pass(60_000);
    expect(saves()).toBe(savesBefore);
    await tab.end(view);
    await other.end(reset);
    expect([await recovered(tab), await recovered(other)]).toEqual([2, "not_found"]);
  });

  it("is saved after the view has ended too, until its deadline", async () => {
    const [tab, late] = [page(), page()];
    const [view, expired] = [tab.join(), late.join()];
    await Promise.all([stash(view), stash(expired)]);
    isDown = true;
    expired.assign({ count: 1 });
    await stash(expired);
    await late.end(expired);
    await pass(TTL_MS - LONGEST_WAIT_MS);
    view.assign({ count: 1 });
    await stash(view);
    await tab.end(view);
    await pass(LONGEST_WAIT_MS);
    isDown = false;
    await pass(LONGEST_WAIT_MS);
    expect(await recovered(tab)).toBe(1);
    expect(await recovered(late)).not.toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is given up when the page left, or when no browser has its token", async () => {
    const [left, unnamed] = [page(), page()];
    const [one, two] = [left.join(), unnamed.join()];
    await stash(one);
    isDown = true;
    one.assign({ count: 1 });
    await Promise.all([stash(one), stash(two)]);
    await left.end(one, "left");
    await unnamed.end(two);
    isDown = false;
    await pass(60_000);
    expect(memory.figures().entries).toBe(0);
  });

  it("does not overwrite the state that a successor saved", async () => {
    const tab = page();
    const old = tab.join();
    await stash(old);
    tab.receive(old);
    isDown = true;
    old.assign({ count: 666 });
    await stash(old);
    isDown = false;
    const current = tab.join();
    await recoverState(current);
    current.assign({ count: 1 });
    await stash(current);
    await pass(LONGEST_WAIT_MS);
    await tab.end(current);
    expect(await recovered(tab)).toBe(1);
  });

  it.each([
    ["refused for good", new StashError("adapter_full", "full")],
    ["refused by an adapter that was closed", new StashError("adapter_closed", "closed")],
  ])("is not retried if it was %s", async (_why, error) => {
    const view = page().join();
    adapter.failNext("save", error);
    await stash(view);
    await pass(60_000);
    expect(saves()).toBe(1);
  });
});
