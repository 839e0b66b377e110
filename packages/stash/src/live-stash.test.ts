import { createHook } from "node:async_hooks";
import { beforeEach, describe, expect, it } from "vitest";
import { FakeHost, FakePage, SECRET, TestClock } from "../test/fake-page.ts";
import { UnreliableAdapter } from "../test/unreliable-adapter.ts";
import {
  createMemoryAdapter,
  HELD_PARAM,
  liveStash,
  type LiveStashOptions,
  type MemoryAdapter,
  recoverState,
  resetStash,
  stash,
  type StashError,
  type StashErrorContext,
} from "./index.ts";

interface Assigns {
  count: number;
  cart?: { items: unknown[] };
  draft?: unknown;
}

const TTL_MS = 60_000;

let clock: TestClock;
let memory: MemoryAdapter;
let adapter: UnreliableAdapter;
let errors: { error: StashError; context: StashErrorContext }[];

beforeEach(() => {
  clock = new TestClock();
  memory = createMemoryAdapter({ clock });
  adapter = new UnreliableAdapter(memory);
  errors = [];
});

function hook(options: Partial<LiveStashOptions<Assigns>> = {}) {
  return liveStash<Assigns>({
    storedKeys: ["count", "cart"],
    adapter,
    secret: SECRET,
    ttlMs: TTL_MS,
    clock,
    onError: (error, context) => errors.push({ error, context }),
    ...options,
  });
}

function page(options?: Partial<LiveStashOptions<Assigns>>): FakePage<Assigns> {
  return new FakePage(hook(options), () => ({ count: 0 }));
}

/** A page whose first view stashed a count and lost its connection. */
async function disconnectedPage(count: number): Promise<FakePage<Assigns>> {
  const tab = page();
  const view = tab.join();
  view.assign({ count });
  await stash(view);
  await tab.end(view);
  adapter.calls.length = 0;
  return tab;
}

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

  it("is not given back what it reset before it recovered, and keeps what it stashes then", async () => {
    const tab = await disconnectedPage(3);
    const view = tab.join();
    expect(await resetStash(view)).toEqual({ status: "nothing" });
    expect(await recoverState(view)).toEqual({ status: "not_found", reason: "nothing_held" });
    view.assign({ count: 4 });
    expect(await stash(view)).toMatchObject({ status: "saved" });
    await tab.end(view);
    const next = tab.join();
    expect(await recoverState(next)).toMatchObject({ status: "recovered" });
    expect(next.assigns.count).toBe(4);
  });

  it("keeps what it stashed before it asked, also where it came with another view's string", async () => {
    const tab = page();
    tab.held = "the string of a view that was navigated away from";
    const view = tab.join();
    view.assign({ count: 2 });
    expect(await stash(view)).toMatchObject({ status: "saved" });
    expect(await recoverState(view)).toEqual({ status: "new" });
    await tab.end(view);
    expect(await recoverState(tab.join())).toMatchObject({ status: "recovered" });
  });

  it("finds nothing once the TTL, counted from the disconnect, is over", async () => {
    const tab = await disconnectedPage(3);
    clock.advance(TTL_MS);
    const view = tab.join();
    expect(await recoverState(view)).toEqual({ status: "not_found", reason: "absent" });
    expect(view.assigns).toEqual({ count: 0 });
  });

  it("never expires while connected, however idle", async () => {
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

  it("finds its state again and again, also when the join's answer is lost three times", async () => {
    const tab = await disconnectedPage(7);
    const { held } = tab;
    const lost = [];
    for (let attempt = 0; attempt < 4; attempt += 1) {
      const view = tab.join();
      expect(await recoverState(view)).toMatchObject({ status: "recovered" });
      expect(view.assigns.count).toBe(7);
      expect(tab.held).toBe(held);
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

  it("after it left for good finds nothing", async () => {
    const tab = page();
    const view = tab.join();
    await stash(view);
    await tab.end(view, "left");
    expect(memory.figures().entries).toBe(0);
    expect(await recoverState(tab.join())).toEqual({ status: "not_found", reason: "absent" });
  });

  it("after 20 quick reconnects has lost nothing", async () => {
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

describe("recoverState", () => {
  it("does no I/O for a page over plain HTTP, nor do the others", async () => {
    const view = new FakeHost<Assigns>({ count: 1 }, { connected: false });
    const dead = hook({ autoStash: true });
    dead.onMount(view);
    expect(await recoverState(view)).toEqual({ status: "new" });
    expect(await stash(view)).toEqual({ status: "skipped" });
    expect(await resetStash(view)).toEqual({ status: "nothing" });
    await dead.afterRender?.(view);
    await dead.onTerminate(view, "left");
    expect(adapter.calls).toEqual([]);
    expect(view.waitedFor).toEqual([]);
    expect(view.holdEvents).toEqual([]);
  });

  it.each([0, -1, "1", null, undefined, true, [1]])(
    "takes _mounts %j for a fresh page: no I/O, and what is held is dropped",
    async (_mounts) => {
      const tab = await disconnectedPage(3);
      const view = tab.join({ params: { _mounts } });
      expect(await recoverState(view)).toEqual({ status: "new" });
      expect(view.holdEvents).toEqual([{ v: "phx-1", h: null }]);
      expect(adapter.calls).toEqual([]);
      expect(memory.figures().entries).toBe(1);
    },
  );

  it.each([undefined, null])("finds nothing where %j is held", async (held) => {
    const view = page().join({ params: { _mounts: 1, [HELD_PARAM]: held } });
    expect(await recoverState(view)).toEqual({ status: "not_found", reason: "nothing_held" });
    expect(adapter.calls).toEqual([]);
    expect(view.holdEvents).toEqual([]);
  });

  const corruptions: [string, (held: string) => unknown][] = [
    ["a forged one", (held) => held.replace(/.$/, (last) => (last === "A" ? "E" : "A"))],
    ["a truncated one", (held) => held.slice(0, -1)],
    ["a megabyte", () => "A".repeat(1_048_576)],
    ["other characters", (held) => `${held}.`],
    ["an empty string", () => ""],
    ["an object", (held) => ({ held })],
    ["an array", (held) => [held]],
    ["a number", () => 42],
    ["a boolean", () => true],
  ];
  it.each(corruptions)("rejects %s without I/O, and has it dropped", async (_name, corrupt) => {
    const tab = await disconnectedPage(3);
    const { held } = tab;
    tab.held = corrupt(String(held));
    const view = tab.join();
    expect(await recoverState(view)).toEqual({ status: "error", reason: "reference_rejected" });
    expect(adapter.calls).toEqual([]);
    expect(view.holdEvents).toEqual([{ v: "phx-1", h: null }]);
    expect(errors).toEqual([]);
    tab.receive(view);
    expect(await recoverState(tab.join())).toMatchObject({ reason: "nothing_held" });

    tab.held = held;
    const owner = tab.join();
    expect(await recoverState(owner)).toMatchObject({ status: "recovered" });
    expect(owner.assigns.count).toBe(3);
  });

  it.each([
    ["another view", { view: "other" }],
    ["another session", { sessionId: "session-2" }],
  ])("rejects it in %s, which does not cost the owner the state", async (_name, join) => {
    const tab = await disconnectedPage(3);
    const thief = tab.join(join);
    expect(await recoverState(thief)).toEqual({ status: "error", reason: "reference_rejected" });
    expect(adapter.calls).toEqual([]);
    expect(await stash(thief)).toMatchObject({ status: "saved" });
    const view = tab.join();
    expect(await recoverState(view)).toMatchObject({ status: "recovered" });
    expect(view.assigns.count).toBe(3);
  });

  it("rejects the string of another adapter", async () => {
    const tab = await disconnectedPage(3);
    const other = Object.assign(new UnreliableAdapter(memory), { name: "elsewhere" });
    const foreign = page({ adapter: other });
    foreign.join();
    foreign.held = tab.held;
    expect(await recoverState(foreign.join())).toMatchObject({ reason: "reference_rejected" });
    expect(other.calls).toEqual([]);
  });

  it("moves what an older secret signed to the newest", async () => {
    const older = "an older secret, of which the string was made at first";
    const before = page({ secret: older });
    const first = before.join();
    await stash(first);
    await before.end(first);
    const after = page({ secret: [SECRET, older] });
    after.join();
    after.held = before.held;
    const second = after.join();
    expect(await recoverState(second)).toMatchObject({ status: "recovered" });
    after.receive(second);
    expect(after.held).not.toBe(before.held);
    const third = page({ secret: SECRET });
    third.join();
    third.held = after.held;
    expect(await recoverState(third.join())).toMatchObject({ status: "recovered" });
  });

  it("leaves alone what is held if this view stashed first", async () => {
    const tab = await disconnectedPage(3);
    const view = tab.join();
    await stash(view);
    expect(await recoverState(view)).toEqual({ status: "not_found", reason: "nothing_held" });
    expect(view.assigns.count).toBe(0);
  });

  it("assigns declared keys only", async () => {
    const tab = page({ storedKeys: ["count", "draft"] });
    const first = tab.join();
    first.assign({ count: 1, draft: "x", cart: { items: [] } });
    await stash(first);
    await tab.end(first);
    const later = page({ storedKeys: ["cart", "count"] });
    later.join();
    later.held = tab.held;
    const second = later.join();
    expect(await recoverState(second)).toMatchObject({ restored: ["count"] });
    expect(second.assigns).toEqual({ count: 1 });
    expect(await stash(second)).toMatchObject({ status: "saved" });
  });

  it("reports bytes that are no record, and the next stash replaces them", async () => {
    const tab = await disconnectedPage(3);
    const broken = new UnreliableAdapter({
      ...memory,
      load: async (request) => {
        const outcome = await memory.load(request);
        return outcome.status === "loaded" ? { ...outcome, record: Buffer.from("junk") } : outcome;
      },
    });
    const later = page({ adapter: broken });
    later.join();
    later.held = tab.held;
    const view = later.join();
    expect(await recoverState(view)).toMatchObject({
      status: "error",
      reason: "unreadable",
      error: { code: "unreadable_record" },
    });
    expect(errors).toHaveLength(1);
    expect(errors[0]?.context).toEqual({ view: "counter", operation: "recover" });
    expect(await stash(view)).toMatchObject({ status: "saved" });
    expect(memory.figures().entries).toBe(1);
  });
});

describe("stash", () => {
  it("writes only what changed, also when it was changed in place", async () => {
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
    expect(adapter.calls).toEqual(["save", "save"]);
  });

  it("does not write what was just recovered", async () => {
    const tab = await disconnectedPage(3);
    const view = tab.join();
    await recoverState(view);
    expect(await stash(view)).toEqual({ status: "unchanged" });
    view.assign({ count: 4 });
    expect(await stash(view)).toMatchObject({ status: "saved" });
  });

  it("pushes the browser's string once", async () => {
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

  it("has the reply wait, also where the application does not", async () => {
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

  it("makes a new stash where the old one is gone", async () => {
    const tab = page();
    const view = tab.join();
    await stash(view);
    tab.receive(view);
    const before = tab.held;
    adapter.replaceStore(createMemoryAdapter({ clock }));
    view.assign({ count: 1 });
    expect(await stash(view)).toMatchObject({ status: "saved" });
    tab.receive(view);
    expect(tab.held).not.toBe(before);
    await tab.end(view);
    const next = tab.join();
    expect(await recoverState(next)).toMatchObject({ status: "recovered" });
    expect(next.assigns.count).toBe(1);
  });

  it("tells what cannot be stashed, and goes on", async () => {
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

  it("refuses a record that the adapter would not take", async () => {
    const small = new UnreliableAdapter(memory, { maxBytes: 20 });
    const view = page({ adapter: small }).join();
    view.assign({ cart: { items: ["some text that takes more than twenty bytes"] } });
    expect(await stash(view)).toMatchObject({ error: { code: "state_too_large" } });
    expect(small.calls).toEqual([]);
  });

  it("says when the store is full, and saves once it is not", async () => {
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

  it("the load of a view that was replaced before it came changes nothing", async () => {
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

  it("a page that was loaded anew takes over from views that were mounted often", async () => {
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

  it("an old view that learns of it by a reset or by its end deletes nothing", async () => {
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

  it("a view that has ended revives nothing", async () => {
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

  it("a handler that outlives its connection begins no stash, and keeps none beyond its TTL", async () => {
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

  it("a stash that was under way when the view ended still gets its deadline", async () => {
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

  it("a recovery that was under way when the view ended gives the stash its deadline back", async () => {
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

describe("resetStash", () => {
  it("deletes the stash and has the string dropped; the next stash starts anew", async () => {
    const tab = page();
    const view = tab.join();
    await stash(view);
    tab.receive(view);
    const before = tab.held;
    expect(await resetStash(view)).toEqual({ status: "reset" });
    tab.receive(view);
    expect(tab.held).toBeUndefined();
    expect(memory.figures().entries).toBe(0);
    expect(await resetStash(view)).toEqual({ status: "nothing" });
    expect(await stash(view)).toMatchObject({ status: "saved" });
    tab.receive(view);
    expect(tab.held).not.toBe(before);
    expect(view.waitedFor.length).toBeGreaterThanOrEqual(4);
  });

  it("has a string dropped that this view never recovered", async () => {
    const tab = await disconnectedPage(3);
    const view = tab.join();
    expect(await resetStash(view)).toEqual({ status: "nothing" });
    tab.receive(view);
    expect(await recoverState(tab.join())).toMatchObject({ reason: "nothing_held" });
  });

  it("keeps its place among stashes", async () => {
    const view = page().join();
    const release = adapter.holdNext("save");
    const results = [stash(view), resetStash(view), stash(view)];
    release();
    expect(await Promise.all(results)).toMatchObject([
      { status: "saved" },
      { status: "reset" },
      { status: "saved" },
    ]);
    expect(memory.figures().entries).toBe(1);
  });

  it("is nothing where the stash is gone already, and an error where the store fails", async () => {
    const view = page().join();
    await stash(view);
    adapter.failNext("forget", new Error("down"));
    expect(await resetStash(view)).toMatchObject({
      status: "error",
      error: { code: "adapter_unavailable" },
    });
    expect(errors[0]?.context.operation).toBe("reset");
    adapter.failNext("forget", new Error("answer lost"), true);
    await resetStash(view);
    expect(await resetStash(view)).toEqual({ status: "nothing" });
  });
});

describe("autoStash", () => {
  it("stashes after each render, if something changed", async () => {
    const auto = hook({ autoStash: true });
    const tab = new FakePage(auto, (): Assigns => ({ count: 0 }));
    const view = tab.join();
    await auto.afterRender?.(view);
    await auto.afterRender?.(view);
    view.assign({ count: 1 });
    await auto.afterRender?.(view);
    expect(adapter.calls).toEqual(["save", "save"]);
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

  it("without that value neither stash nor recover, and say why", async () => {
    const tab = page({ sessionKey: "userId" });
    const view = tab.join();
    expect(await stash(view)).toMatchObject({ status: "error", error: { code: "invalid_option" } });
    expect(adapter.calls).toEqual([]);
    tab.held = "whatever";
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

  it("may end without having mounted, or twice", async () => {
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

  it("cost no timer and no handle, however many", async () => {
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
    // All that the thousand need is the one sweep of what is disconnected.
    expect(created.filter((type) => type === "Timeout").length).toBe(1);
    await local.close();
    watch.disable();
  });
});
