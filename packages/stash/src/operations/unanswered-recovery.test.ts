import { beforeEach, describe, expect, it } from "vitest";
import { FakePage, type FakeHost, SECRET, TestClock } from "../../test/fake-page.ts";
import { UnreliableAdapter } from "../../test/unreliable-adapter.ts";
import {
  createMemoryAdapter,
  type LateRecoverResult,
  liveStash,
  type LiveStashOptions,
  type MemoryAdapter,
  recoverState,
  RECOVERY_EVENT,
  resetStash,
  stash,
  StashError,
} from "../index.ts";

interface Assigns {
  count: number;
}

const TTL_MS = 60_000;

let clock: TestClock;
let memory: MemoryAdapter;
let adapter: UnreliableAdapter;
let isDown: boolean;
let codes: string[];
let late: LateRecoverResult[];

beforeEach(() => {
  clock = new TestClock();
  memory = createMemoryAdapter({ clock });
  adapter = new UnreliableAdapter(memory);
  isDown = false;
  codes = [];
  late = [];
  const { load, save } = adapter;
  adapter.load = (request) => {
    if (isDown) adapter.failNext("load", new Error("connection refused"));
    return load(request);
  };
  adapter.save = (request) => {
    if (isDown) adapter.failNext("save", new Error("connection refused"));
    return save(request);
  };
});

function page(options: Partial<LiveStashOptions<Assigns>> = {}): FakePage<Assigns> {
  const hook = liveStash<Assigns>({
    storedKeys: ["count"],
    adapter,
    secret: SECRET,
    ttlMs: TTL_MS,
    timeoutMs: 50,
    recoverWithinMs: 60,
    clock,
    onError: ({ code }) => codes.push(code),
    onLateRecovery: (_socket, result) => late.push(result),
    ...options,
  });
  return new FakePage(hook, () => ({ count: 0 }));
}

/** A page that stashed a count of 5 and lost its connection. */
async function pageWithFive(
  options?: Partial<LiveStashOptions<Assigns>>,
): Promise<FakePage<Assigns>> {
  const tab = page(options);
  const view = tab.join();
  await recoverState(view);
  view.assign({ count: 5 });
  expect(await stash(view)).toMatchObject({ status: "saved" });
  await tab.end(view);
  return tab;
}

async function expectFive(tab: FakePage<Assigns>): Promise<void> {
  isDown = false;
  const view = tab.join();
  expect(await recoverState(view)).toMatchObject({ status: "recovered" });
  expect(view.assigns.count).toBe(5);
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5));
}

const statusesPushed = (view: FakeHost<Assigns>): unknown[] =>
  view.pushed
    .filter(({ name }) => name === RECOVERY_EVENT)
    .map(({ payload }) => (payload as { status: unknown }).status);

describe("a store that does not answer a recovery", () => {
  it("is asked again within the join, and a short outage is a slower recovery and nothing else", async () => {
    const tab = await pageWithFive({ recoverWithinMs: 5_000 });
    isDown = true;
    const view = tab.join();
    const recovery = recoverState(view);
    await until(() => adapter.calls.filter((call) => call === "load").length >= 2);
    isDown = false;
    expect(await recovery).toMatchObject({ status: "recovered" });
    expect(view.assigns.count).toBe(5);
    expect(view.holdEvents).toEqual([]);
    expect(codes).toEqual([]);
  });

  it("counts with the late answer of an earlier try", async () => {
    const tab = await pageWithFive({ recoverWithinMs: 5_000 });
    const release = adapter.holdNext("load");
    isDown = false;
    const view = tab.join();
    const recovery = recoverState(view);
    await until(() => adapter.calls.includes("load"));
    isDown = true;
    await until(() => adapter.calls.filter((call) => call === "load").length >= 2);
    release();
    expect(await recovery).toMatchObject({ status: "recovered" });
    await tab.end(view);
    clock.advance(TTL_MS - 1);
    await expectFive(tab);
  });

  it("has the page join again by default, and nothing takes the token's place", async () => {
    const tab = await pageWithFive();
    isDown = true;
    const view = tab.join();
    expect(await recoverState(view)).toMatchObject({
      status: "pending",
      error: { code: "adapter_unavailable" },
    });
    expect(view.rejoins).toBe(1);
    expect(await stash(view)).toMatchObject({ error: { code: "recovery_pending" } });
    await tab.end(view, "rejoining");
    expect(view.holdEvents).toEqual([]);
    expect(codes).toEqual(["adapter_unavailable", "recovery_pending"]);
    await expectFive(tab);
  });

  it("has no page wait that was just loaded: it goes on, and the state comes later", async () => {
    const tab = await pageWithFive({ recoverAfterReload: true, recoverWithinMs: 600_000 });
    tab.reload();
    isDown = true;
    const view = tab.join();
    expect(await recoverState(view)).toMatchObject({ status: "pending" });
    expect(view.rejoins).toBe(0);
    isDown = false;
    await until(() => late.length > 0);
    expect(view.assigns.count).toBe(5);
  });
});

describe('whenUnavailable: "continue"', () => {
  const going = { whenUnavailable: "continue" } as const;

  it("refuses stashes until the store answers, then assigns what nobody has changed", async () => {
    const tab = await pageWithFive(going);
    isDown = true;
    const view = tab.join();
    expect(await recoverState(view)).toMatchObject({ status: "pending" });
    expect(await recoverState(view)).toMatchObject({ status: "pending" });
    await tab.render(view);
    expect(await stash(view)).toMatchObject({ error: { code: "recovery_pending" } });
    expect(view.holdEvents).toEqual([]);
    isDown = false;
    await until(() => late.length > 0);
    expect(late).toMatchObject([{ status: "recovered" }]);
    expect(statusesPushed(view)).toEqual(["pending", "recovered"]);
    expect(view.assigns.count).toBe(5);
    view.assign({ count: 6 });
    await until(() => view.assigns.count === 6);
    expect(await stash(view)).toMatchObject({ status: "saved" });
  });

  it("keeps a state aside if the page was changed: recoverState() takes it", async () => {
    const tab = await pageWithFive(going);
    isDown = true;
    const view = tab.join();
    await recoverState(view);
    await tab.render(view);
    view.assign({ count: 1 });
    isDown = false;
    await until(() => late.length > 0);
    expect(late).toMatchObject([{ status: "kept_aside" }]);
    expect(codes).toContain("recovery_kept_aside");
    expect(view.assigns.count).toBe(1);
    expect(await stash(view)).toMatchObject({ error: { code: "recovery_pending" } });
    expect(await recoverState(view)).toMatchObject({ status: "recovered" });
    expect(view.assigns.count).toBe(5);
    view.assign({ count: 6 });
    expect(await stash(view)).toMatchObject({ status: "saved" });
  });

  it("keeps a state aside if the page was changed: resetStash() deletes it", async () => {
    const tab = await pageWithFive(going);
    isDown = true;
    const view = tab.join();
    await recoverState(view);
    await tab.render(view);
    view.assign({ count: 1 });
    isDown = false;
    await until(() => late.length > 0);
    expect(await resetStash(view)).toEqual({ status: "reset" });
    expect(await stash(view)).toMatchObject({ status: "saved" });
    await tab.end(view);
    const next = tab.join();
    await recoverState(next);
    expect(next.assigns.count).toBe(1);
  });

  it("has reconcile() decide, and saves what it decides", async () => {
    const tab = await pageWithFive({
      ...going,
      reconcile: (recovered, current) => ({
        count: (recovered.count ?? 0) * 10 + (current.count ?? 0),
      }),
    });
    isDown = true;
    const view = tab.join();
    await recoverState(view);
    await tab.render(view);
    view.assign({ count: 1 });
    isDown = false;
    await until(() => late.length > 0);
    expect(view.assigns.count).toBe(51);
    await until(() => adapter.calls.at(-1) === "save");
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
    const tab = await pageWithFive({ ...going, reconcile });
    isDown = true;
    const view = tab.join();
    await recoverState(view);
    isDown = false;
    await until(() => late.length > 0);
    expect(late).toMatchObject([{ status: "kept_aside" }]);
    expect(codes).toContain("reconcile_failed");
    expect(await recoverState(view)).toMatchObject({ status: "recovered" });
    expect(view.assigns.count).toBe(5);
  });

  it("ends the wait when the store has no such stash, and saves what was refused", async () => {
    const tab = await pageWithFive(going);
    isDown = true;
    const view = tab.join();
    await recoverState(view);
    view.assign({ count: 2 });
    await stash(view);
    adapter.replaceStore((memory = createMemoryAdapter({ clock })));
    isDown = false;
    await until(() => late.length > 0);
    expect(late).toEqual([{ status: "not_found", reason: "absent" }]);
    await until(() => memory.figures().entries === 1);
    await tab.end(view);
    const next = tab.join();
    await recoverState(next);
    expect(next.assigns.count).toBe(2);
  });

  it("gives a state that came after the view's end to the next view", async () => {
    const tab = await pageWithFive(going);
    isDown = true;
    const view = tab.join();
    await recoverState(view);
    view.assign({ count: 1 });
    await stash(view);
    await tab.end(view);
    await expectFive(tab);
    expect(late).toEqual([]);
  });

  it("forgets what a reset gave up while the store was away", async () => {
    const tab = await pageWithFive(going);
    isDown = true;
    const view = tab.join();
    await recoverState(view);
    expect(await resetStash(view)).toEqual({ status: "nothing" });
    isDown = false;
    view.assign({ count: 7 });
    expect(await stash(view)).toMatchObject({ status: "saved" });
    await tab.end(view);
    const next = tab.join();
    await recoverState(next);
    expect(next.assigns.count).toBe(7);
    expect(late).toEqual([]);
  });

  it("does not report autoStash after each render while the store is away", async () => {
    const tab = await pageWithFive({ ...going, autoStash: true });
    isDown = true;
    const view = tab.join();
    await recoverState(view);
    for (const count of [1, 2, 3]) {
      view.assign({ count });
      await tab.render(view);
    }
    expect(codes).toEqual(["adapter_unavailable"]);
    expect(view.holdEvents).toEqual([]);
    await tab.end(view);
    await expectFive(tab);
  });
});

describe("the first token", () => {
  it("is there before the first stash: a state whose answer was lost comes back", async () => {
    const tab = page();
    const view = tab.join();
    await recoverState(view);
    tab.receive(view);
    view.holdEvents.length = 0;
    view.assign({ count: 5 });
    expect(await stash(view)).toMatchObject({ status: "saved" });
    view.holdEvents.length = 0;
    await tab.end(view);
    await expectFive(tab);
  });

  it("is that of a first save that failed, and was saved after the view had ended", async () => {
    const tab = page();
    const view = tab.join();
    await recoverState(view);
    view.assign({ count: 5 });
    isDown = true;
    expect(await stash(view)).toMatchObject({ status: "error" });
    await tab.end(view);
    isDown = false;
    await until(() => memory.figures().entries === 1);
    await expectFive(tab);
  });

  it("is followed by another one after a reset", async () => {
    const tab = await pageWithFive();
    const view = tab.join();
    await recoverState(view);
    await resetStash(view);
    tab.receive(view);
    view.assign({ count: 5 });
    await stash(view);
    view.holdEvents.length = 0;
    await tab.end(view);
    await expectFive(tab);
  });
});

describe("a state with which views crash", () => {
  it.each([false, true])(
    "is offered three times, then set aside (recoverAfterReload: %j)",
    async (recoverAfterReload) => {
      const tab = await pageWithFive({ recoverAfterReload });
      for (let offer = 0; offer < 3; offer += 1) {
        const view = tab.join();
        expect(await recoverState(view)).toMatchObject({ status: "recovered" });
        await tab.end(view, "crashed");
      }
      const view = tab.join();
      expect(await recoverState(view)).toMatchObject({ status: "error", reason: "set_aside" });
      expect(view.assigns.count).toBe(0);
      expect(view.holdEvents).toEqual([]);
      expect(codes).toEqual(["recovery_set_aside"]);
      expect(memory.figures().entries).toBe(1);
      view.assign({ count: 1 });
      expect(await stash(view)).toMatchObject({ status: "saved" });
    },
  );

  it("is offered to a release that can live with it, if nothing took its place", async () => {
    const tab = await pageWithFive();
    for (let offer = 0; offer < 3; offer += 1) {
      const view = tab.join();
      await recoverState(view);
      await tab.end(view, "crashed");
    }
    await recoverState(tab.join());
    const next = page();
    // The same page goes on counting its mounts.
    for (let mounts = 0; mounts < 6; mounts += 1) next.join();
    next.held = tab.held;
    await expectFive(next);
  });

  it("is not blamed for views that end in another way", async () => {
    const tab = await pageWithFive();
    for (let end = 0; end < 6; end += 1) {
      const view = tab.join();
      await recoverState(view);
      await tab.end(view, "disconnected");
    }
    await expectFive(tab);
  });
});

describe("a stash that the store has lost", () => {
  it("is saved again when the keep-alive hears of it, and unchanged is not answered before", async () => {
    adapter = new UnreliableAdapter(memory, { needsKeepAlive: true });
    const tab = page({ ttlMs: 400 });
    const view = tab.join();
    await recoverState(view);
    view.assign({ count: 5 });
    await stash(view);
    adapter.replaceStore((memory = createMemoryAdapter({ clock })));
    await until(() => memory.figures().entries === 1);
    await tab.end(view);
    await expectFive(tab);
  });

  it("is created again under its id, so that a lost answer costs nothing", async () => {
    adapter = new UnreliableAdapter(memory, { needsKeepAlive: true });
    const tab = page();
    const view = tab.join();
    await recoverState(view);
    await stash(view);
    tab.receive(view);
    view.holdEvents.length = 0;
    adapter.replaceStore((memory = createMemoryAdapter({ clock })));
    view.assign({ count: 5 });
    expect(await stash(view)).toMatchObject({ status: "saved" });
    expect(view.holdEvents).toEqual([]);
    await tab.end(view);
    await expectFive(tab);
  });

  it("is the current view's, also if one that was replaced made it again first", async () => {
    adapter = new UnreliableAdapter(memory, { needsKeepAlive: true });
    // The keep-alive comes long after the two stashes that follow each other here.
    const tab = page({ ttlMs: 6_000 });
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
    adapter.calls.length = 0;
    adapter.replaceStore((memory = createMemoryAdapter({ clock })));
    const lost = tab.held;
    old.assign({ count: 2 });
    expect(await stash(old)).toMatchObject({ status: "saved" });
    await until(() => {
      const load = adapter.calls.indexOf("load");
      return load >= 0 && adapter.calls.lastIndexOf("save") > load;
    });
    tab.held = lost;
    await tab.end(current);
    await expectFive(tab);
    old.assign({ count: 3 });
    expect(await stash(old)).toMatchObject({ status: "superseded" });
  });

  it("ends without a mistake where the last save had failed, too", async () => {
    const tab = await pageWithFive();
    const view = tab.join();
    await recoverState(view);
    view.assign({ count: 6 });
    isDown = true;
    expect(await stash(view)).toMatchObject({ status: "error" });
    isDown = false;
    adapter.replaceStore((memory = createMemoryAdapter({ clock })));
    await expect(tab.end(view)).resolves.toBeUndefined();
  });
});

describe("a stash() beside a recovery", () => {
  it("that was called before the recovery had settled does not save what was before it", async () => {
    const tab = await pageWithFive();
    const view = tab.join();
    const recovery = recoverState(view);
    const saved = stash(view);
    expect(await recovery).toMatchObject({ status: "recovered" });
    expect(await saved).toEqual({ status: "unchanged" });
    await tab.end(view);
    await expectFive(tab);
  });

  it("that failed before is not saved over what a later recoverState() gave back", async () => {
    const tab = await pageWithFive();
    const view = tab.join();
    await recoverState(view);
    view.assign({ count: 7 });
    isDown = true;
    expect(await stash(view)).toMatchObject({ status: "error" });
    isDown = false;
    expect(await recoverState(view)).toMatchObject({ status: "recovered" });
    expect(view.assigns.count).toBe(5);
    await new Promise((resolve) => setTimeout(resolve, 700));
    await tab.end(view);
    await expectFive(tab);
  });
});

describe("a resetStash() beside a recovery", () => {
  it("deletes what the store has once it answers, also if the browser never learns of it", async () => {
    const tab = await pageWithFive({ whenUnavailable: "continue" });
    isDown = true;
    const view = tab.join();
    await recoverState(view);
    expect(await resetStash(view)).toEqual({ status: "nothing" });
    isDown = false;
    await until(() => memory.figures().entries === 0);
    expect(await recoverState(tab.join())).toMatchObject({ status: "not_found" });
  });

  it("calls off the save of a stash that the store had lost", async () => {
    adapter = new UnreliableAdapter(memory, { needsKeepAlive: true });
    const tab = page({ ttlMs: 400 });
    const view = tab.join();
    await recoverState(view);
    view.assign({ count: 5 });
    await stash(view);
    adapter.replaceStore((memory = createMemoryAdapter({ clock })));
    await until(() => adapter.calls.includes("keepAlive"));
    expect(await resetStash(view)).toEqual({ status: "nothing" });
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(memory.figures().entries).toBe(0);
  });
});

describe("a state that is there and cannot be used", () => {
  it("is not replaced by autoStash before somebody changes something", async () => {
    let isMistaken = true;
    const schema = {
      "~standard": {
        version: 1 as const,
        vendor: "test",
        validate: (value: unknown) => (isMistaken ? { issues: [{ message: "no" }] } : { value }),
      },
    };
    const tab = await pageWithFive({ autoStash: true, schema });
    const view = tab.join();
    expect(await recoverState(view)).toMatchObject({ reason: "schema_rejected" });
    await tab.render(view);
    await tab.render(view);
    await tab.end(view);
    isMistaken = false;
    await expectFive(tab);
  });

  it("is an error, not an end of the process, where values throw when they are read", async () => {
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
    const tab = await pageWithFive({ schema });
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

  it("stops no retries of other views where one throws", async () => {
    const tab = page();
    const broken = tab.join();
    await recoverState(broken);
    broken.assign({ count: 1 });
    isDown = true;
    expect(await stash(broken)).toMatchObject({ status: "error" });
    const other = page();
    const view = other.join();
    await recoverState(view);
    view.assign({ count: 5 });
    await stash(view);
    adapter.failNext("save", new StashError("unexpected_error", "a mistake"));
    isDown = false;
    await until(() => memory.figures().entries === 1);
    await other.end(view);
    await expectFive(other);
  });
});

describe("an autoStash that fails at each render", () => {
  it("is reported once, until something is saved", async () => {
    const tab = page({ autoStash: true });
    const view = tab.join();
    await recoverState(view);
    isDown = true;
    for (const count of [1, 2, 3]) {
      view.assign({ count });
      await tab.render(view);
    }
    expect(codes).toEqual(["adapter_unavailable"]);
    isDown = false;
    view.assign({ count: 4 });
    await tab.render(view);
    isDown = true;
    view.assign({ count: 5 });
    await tab.render(view);
    expect(codes).toEqual(["adapter_unavailable", "adapter_unavailable"]);
  });
});

describe("crashes while a person's event is handled", () => {
  it("count less than others: it may be that one button that is broken", async () => {
    const tab = await pageWithFive();
    for (let crash = 0; crash < 5; crash += 1) {
      const view = tab.join();
      expect(await recoverState(view)).toMatchObject({ status: "recovered" });
      tab.event(view);
      await tab.end(view, "crashed");
    }
    await expectFive(tab);
  });
});
