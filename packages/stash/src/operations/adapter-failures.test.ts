import { beforeEach, describe, expect, it, vi } from "vitest";
import { FakePage, SECRET, TestClock } from "../../test/fake-page.ts";
import { UnreliableAdapter } from "../../test/unreliable-adapter.ts";
import {
  createMemoryAdapter,
  liveStash,
  type LiveStashOptions,
  type MemoryAdapter,
  recoverState,
  stash,
  StashError,
  type StashErrorContext,
} from "../index.ts";

interface Assigns {
  count: number;
}

const TTL_MS = 60_000;
const TIMEOUT_MS = 20;

let clock: TestClock;
let memory: MemoryAdapter;
let adapter: UnreliableAdapter;
let errors: { code: string; context: StashErrorContext }[];

beforeEach(() => {
  clock = new TestClock();
  memory = createMemoryAdapter({ clock });
  adapter = new UnreliableAdapter(memory);
  errors = [];
});

function page(options: Partial<LiveStashOptions<Assigns>> = {}): FakePage<Assigns> {
  const hook = liveStash<Assigns>({
    storedKeys: ["count"],
    adapter,
    secret: SECRET,
    ttlMs: TTL_MS,
    timeoutMs: TIMEOUT_MS,
    recoverWithinMs: 2 * TIMEOUT_MS,
    clock,
    onError: ({ code }, context) => errors.push({ code, context }),
    ...options,
  });
  return new FakePage(hook, () => ({ count: 0 }));
}

/** Holds all loads back until the returned function is called. */
function holdAllLoads(): () => void {
  const { load } = adapter;
  let open = (): void => {};
  const gate = new Promise<void>((resolve) => (open = resolve));
  adapter.load = async (request) => {
    await gate;
    return load(request);
  };
  return () => open();
}

/** Resolves when work in the background has had its effect. */
async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve));
}

describe("a save that fails", () => {
  it("is reported, and the next stash writes again", async () => {
    const view = page().join();
    const cause = new Error("connection refused");
    adapter.failNext("save", cause);
    const result = await stash(view);
    expect(result).toMatchObject({
      status: "error",
      error: { code: "adapter_unavailable", cause },
    });
    expect(errors).toEqual([
      { code: "adapter_unavailable", context: { view: "counter", operation: "stash" } },
    ]);
    expect(view.holdEvents).toEqual([]);
    expect(await stash(view)).toMatchObject({ status: "saved" });
  });

  it("returns the adapter's own error", async () => {
    const view = page().join();
    const error = new StashError("adapter_closed", "closed");
    adapter.failNext("save", error);
    expect(await stash(view)).toEqual({ status: "error", error });
  });

  it("is reported too if the adapter throws synchronously", async () => {
    const throwing = Object.assign(new UnreliableAdapter(memory), {
      save: () => {
        throw new TypeError("a mistake of the adapter");
      },
    });
    const view = page({ adapter: throwing }).join();
    expect(await stash(view)).toMatchObject({ error: { code: "adapter_unavailable" } });
  });

  it("is saved again if it had been written nevertheless", async () => {
    const tab = page();
    const view = tab.join();
    await stash(view);
    view.assign({ count: 1 });
    adapter.failNext("save", new Error("answer lost"), true);
    expect(await stash(view)).toMatchObject({ status: "error" });
    view.assign({ count: 0 });
    expect(await stash(view)).toMatchObject({ status: "saved" });
    await tab.end(view);
    const next = tab.join();
    await recoverState(next);
    expect(next.assigns.count).toBe(0);
  });
});

describe("a store that does not answer", () => {
  it("delays a stash for a bounded time", async () => {
    const view = page().join();
    adapter.holdNext("save");
    expect(await stash(view)).toMatchObject({ error: { code: "adapter_timeout" } });
    expect(await stash(view)).toMatchObject({ status: "saved" });
  });

  it("causes no unhandled rejection when it fails later", async () => {
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    const view = page().join();
    const release = adapter.holdNext("save");
    await stash(view);
    release(new Error("too late"));
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    expect(unhandled).not.toHaveBeenCalled();
    process.off("unhandledRejection", unhandled);
    expect(errors).toHaveLength(1);
  });

  it("has a stash that it creates later deleted, because no browser knows it", async () => {
    const view = page().join();
    const release = adapter.holdNext("save");
    await stash(view);
    release();
    await until(() => adapter.calls.includes("forget"));
    await until(() => memory.figures().entries === 0);
    expect(await stash(view)).toMatchObject({ status: "saved" });
  });

  it("has a stash that it hands over later expire after the TTL", async () => {
    const tab = page();
    const first = tab.join();
    await stash(first);
    await tab.end(first);
    const second = tab.join();
    const release = holdAllLoads();
    expect(await recoverState(second)).toMatchObject({
      status: "pending",
      error: { code: "adapter_timeout" },
    });
    expect(second.rejoins).toBe(1);
    await tab.end(second, "rejoining");
    adapter.calls.length = 0;
    release();
    await until(() => adapter.calls.includes("keepAlive"));
    await until(() => memory.figures().connected === 0);
    clock.advance(TTL_MS - 1);
    memory.sweep();
    expect(memory.figures().entries).toBe(1);
    clock.advance(1);
    memory.sweep();
    expect(memory.figures().entries).toBe(0);
  });
});

describe("a recovery that fails", () => {
  it("is reported, the view continues, and a later recovery finds the state", async () => {
    const tab = page();
    const first = tab.join();
    first.assign({ count: 5 });
    await stash(first);
    await tab.end(first);
    const second = tab.join();
    adapter.failNext("load", new StashError("unreadable_record", "not one of ours"));
    expect(await recoverState(second)).toMatchObject({ reason: "adapter_failed" });
    expect(errors).toHaveLength(1);
    expect(second.holdEvents).toEqual([]);
    const third = tab.join();
    expect(await recoverState(third)).toMatchObject({ status: "recovered" });
    expect(third.assigns.count).toBe(5);
  });
});

describe("an end that fails", () => {
  it("is passed to onError, because no result can contain it", async () => {
    const tab = page();
    const view = tab.join();
    await stash(view);
    adapter.failNext("keepAlive", new Error("down"));
    await tab.end(view);
    expect(errors).toEqual([
      { code: "adapter_unavailable", context: { view: "counter", operation: "end" } },
    ]);
  });
});

describe("onError", () => {
  it("defaults to console.error", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    const hook = liveStash<Assigns>({ storedKeys: ["count"], adapter, secret: SECRET });
    const view = new FakePage(hook, () => ({ count: 0 })).join();
    adapter.failNext("save", new Error("down"));
    await stash(view);
    expect(log).toHaveBeenCalledTimes(1);
    expect(log.mock.calls[0]?.[0]).toMatch(/^live-stash: stash of view "counter": adapter_unava/);
    log.mockRestore();
  });

  it("may throw without an effect on the stash", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    const mistake = new Error("a mistake in onError");
    const view = page({
      onError: () => {
        throw mistake;
      },
    }).join();
    adapter.failNext("save", new Error("down"));
    expect(await stash(view)).toMatchObject({ status: "error" });
    expect(log.mock.calls.flat()).toContain(mistake);
    log.mockRestore();
  });

  it("may be async and reject without ending the process", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    const unhandled: unknown[] = [];
    const listener = (cause: unknown): void => void unhandled.push(cause);
    process.on("unhandledRejection", listener);
    const mistake = new Error("a mistake in onError");
    const view = page({ onError: () => Promise.reject(mistake) }).join();
    adapter.failNext("save", new Error("down"));
    expect(await stash(view)).toMatchObject({ status: "error" });
    await new Promise((resolve) => setImmediate(resolve));
    process.off("unhandledRejection", listener);
    expect(unhandled).toEqual([]);
    expect(log.mock.calls.flat()).toContain(mistake);
    log.mockRestore();
  });
});
