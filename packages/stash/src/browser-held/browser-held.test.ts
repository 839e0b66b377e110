import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type FakeHost, FakePage, SECRET, TestClock } from "../../test/fake-page.ts";
import {
  createBrowserHeldAdapter,
  HELD_PARAM,
  liveStash,
  type LiveStashOptions,
  recoverState,
  resetStash,
  type SecurityMode,
  stash,
  type StashError,
  type StashErrorContext,
} from "../index.ts";

interface Assigns {
  count: number;
  draft?: unknown;
}

const TTL_MS = 60_000;
const INTERVAL_MS = TTL_MS / 4;
const OLDER_SECRET = "an older secret, of which the string was made at first";

let clock: TestClock;
let errors: { error: StashError; context: StashErrorContext }[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  clock = new TestClock();
  errors = [];
});

afterEach(() => vi.useRealTimers());

/** A page, whose views are each served by a process of its own unless options give the adapter. */
function page(
  options: Partial<LiveStashOptions<Assigns>> = {},
  securityMode: SecurityMode = "encrypt",
): FakePage<Assigns> {
  const hook = liveStash<Assigns>({
    storedKeys: ["count", "draft"],
    adapter: createBrowserHeldAdapter({ securityMode }),
    secret: SECRET,
    ttlMs: TTL_MS,
    clock,
    onError: (error, context) => errors.push({ error, context }),
    ...options,
  });
  return new FakePage(hook, () => ({ count: 0 }));
}

/** The same browser page, which comes back to another server. */
function elsewhere(
  tab: FakePage<Assigns>,
  options?: Partial<LiveStashOptions<Assigns>>,
  securityMode?: SecurityMode,
): FakePage<Assigns> {
  const other = page(options, securityMode);
  other.join();
  other.held = tab.held;
  return other;
}

async function stashed(tab: FakePage<Assigns>, count: number): Promise<FakeHost<Assigns>> {
  const view = tab.join();
  view.assign({ count });
  expect(await stash(view)).toMatchObject({ status: "saved" });
  tab.receive(view);
  return view;
}

async function pass(ms: number): Promise<void> {
  clock.advance(ms);
  await vi.advanceTimersByTimeAsync(ms);
}

describe.each<SecurityMode>(["encrypt", "sign"])("a state that the browser holds (%s)", (mode) => {
  it("comes back on a server that has never seen it", async () => {
    const tab = page({}, mode);
    const first = tab.join();
    first.assign({ count: 3, draft: new Map([["when", new Date(5)]]) });
    await stash(first);
    tab.receive(first);
    const second = elsewhere(tab, {}, mode).join();
    expect(await recoverState(second)).toMatchObject({
      status: "recovered",
      restored: ["count", "draft"],
    });
    expect(second.assigns).toEqual({ count: 3, draft: new Map([["when", new Date(5)]]) });
    expect(await stash(second)).toEqual({ status: "unchanged" });
  });

  it("is held in whole after each change, and told to be once", async () => {
    const tab = page({}, mode);
    const view = await stashed(tab, 1);
    const one = tab.held;
    view.assign({ count: 2 });
    await stash(view);
    await stash(view);
    tab.receive(view);
    expect(tab.held).not.toBe(one);
    expect(view.holdEvents).toHaveLength(2);
    const next = elsewhere(tab, {}, mode).join();
    await recoverState(next);
    expect(next.assigns.count).toBe(2);
  });

  it("of the other mode is rejected", async () => {
    const tab = page({}, mode);
    await stashed(tab, 1);
    const other = elsewhere(tab, {}, mode === "sign" ? "encrypt" : "sign").join();
    expect(await recoverState(other)).toEqual({ status: "error", reason: "reference_rejected" });
  });
});

describe("the deadline", () => {
  it("never comes while the page is connected; a renewal does not send the state again", async () => {
    const tab = page();
    const view = await stashed(tab, 7);
    const [state] = String(tab.held).split("~");
    for (let round = 0; round < 40; round += 1) await pass(INTERVAL_MS);
    expect(view.holdEvents).toHaveLength(41);
    for (const event of view.holdEvents.slice(1)) {
      expect(event).toEqual({ v: "phx-1", r: expect.stringMatching(/^[\w-]{24}$/) as string });
    }
    await tab.end(view);
    expect(String(tab.held).split("~")[0]).toBe(state);
    clock.advance(TTL_MS - 1);
    const next = elsewhere(tab).join();
    expect(await recoverState(next)).toMatchObject({ status: "recovered" });
    expect(next.assigns.count).toBe(7);
  });

  it.each([0, 1, INTERVAL_MS / 2, INTERVAL_MS - 1])(
    "comes one TTL, and at most one interval more, after the disconnect (%d ms into one)",
    async (intoMs) => {
      const tab = page();
      const view = await stashed(tab, 7);
      await pass(INTERVAL_MS);
      clock.advance(intoMs);
      await tab.end(view);
      clock.advance(TTL_MS + INTERVAL_MS - intoMs - 1);
      expect(await recoverState(elsewhere(tab).join())).toMatchObject({ status: "recovered" });
      clock.advance(1);
      const late = elsewhere(tab);
      const view2 = late.join();
      expect(await recoverState(view2)).toEqual({ status: "not_found", reason: "absent" });
      late.receive(view2);
      expect(late.held).toBeUndefined();
      expect(view2.assigns.count).toBe(0);
    },
  );

  it("is moved at once where the page comes back, with the old string good until then", async () => {
    const tab = page();
    await stashed(tab, 7);
    clock.advance(TTL_MS);
    const before = tab.held;
    const back = elsewhere(tab);
    const second = back.join();
    await recoverState(second);
    back.receive(second);
    expect(second.holdEvents).toHaveLength(1);
    expect(String(back.held).split("~")[0]).toBe(String(before).split("~")[0]);
    clock.advance(TTL_MS);
    expect(await recoverState(elsewhere(back).join())).toMatchObject({ status: "recovered" });
    expect(await recoverState(elsewhere(tab).join())).toMatchObject({ status: "not_found" });
  });

  it("is not moved more often for the sake of a view with a shorter TTL", async () => {
    const adapter = createBrowserHeldAdapter({ securityMode: "encrypt" });
    const long = await stashed(page({ adapter }), 1);
    const short = await stashed(page({ adapter, ttlMs: TTL_MS / 20 }), 1);
    for (let round = 0; round < 20; round += 1) await pass(INTERVAL_MS / 20);
    expect(short.holdEvents).toHaveLength(21);
    expect(long.holdEvents).toHaveLength(2);
  });

  it("stays where it is when the view has ended, or has no stash any more", async () => {
    const tab = page();
    const ended = await stashed(tab, 1);
    const reset = await stashed(page(), 1);
    await tab.end(ended);
    await resetStash(reset);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("of thousands of views is moved in turns, so that nothing waits for all of them", async () => {
    const adapter = createBrowserHeldAdapter({ securityMode: "encrypt" });
    const tab = page({ adapter });
    const views: FakeHost<Assigns>[] = [];
    for (let count = 0; count < 1_000; count += 1) views.push(await stashed(tab, count));
    const renewed = (): number => views.filter(({ holdEvents }) => holdEvents.length === 2).length;
    await pass(INTERVAL_MS);
    const seen = new Set([renewed()]);
    while (renewed() < views.length) {
      await new Promise((resolve) => setImmediate(resolve));
      seen.add(renewed());
    }
    expect(seen.size).toBeGreaterThan(3);
  });

  it("looks at the string as it was when it came, where recoverState is called again", async () => {
    const tab = page();
    await stashed(tab, 7);
    const back = elsewhere(tab);
    const view = back.join();
    await recoverState(view);
    for (let round = 0; round < 8; round += 1) await pass(INTERVAL_MS);
    view.assign({ count: 99 });
    expect(await recoverState(view)).toMatchObject({ status: "recovered" });
    expect(view.assigns.count).toBe(7);
    back.receive(view);
    expect(await recoverState(elsewhere(back).join())).toMatchObject({ status: "recovered" });
  });
});

describe("what a handler does after its connection is lost", () => {
  it("reaches nobody, and is not said to be saved", async () => {
    const tab = page();
    const view = await stashed(tab, 1);
    await tab.end(view);
    view.assign({ count: 2 });
    expect(await stash(view)).toEqual({ status: "superseded" });
    expect(view.holdEvents).toHaveLength(1);
  });
});

describe("resetStash", () => {
  it("has the string dropped", async () => {
    const tab = page();
    const view = await stashed(tab, 1);
    expect(await resetStash(view)).toEqual({ status: "reset" });
    tab.receive(view);
    expect(tab.held).toBeUndefined();
    expect(await stash(view)).toMatchObject({ status: "saved" });
  });
});

describe("secrets", () => {
  it("rotate: an older one still opens, and the state is sealed anew", async () => {
    const tab = page({ secret: OLDER_SECRET });
    await stashed(tab, 5);
    const between = elsewhere(tab, { secret: [SECRET, OLDER_SECRET] });
    const view = between.join();
    expect(await recoverState(view)).toMatchObject({ status: "recovered" });
    between.receive(view);
    expect(between.held).not.toBe(tab.held);
    const after = elsewhere(between, { secret: SECRET }).join();
    expect(await recoverState(after)).toMatchObject({ status: "recovered" });
    expect(after.assigns.count).toBe(5);
  });

  it("that are gone make the state an error, and the next stash a new one", async () => {
    const tab = page({ secret: OLDER_SECRET });
    await stashed(tab, 5);
    const after = elsewhere(tab);
    const view = after.join();
    expect(await recoverState(view)).toEqual({ status: "error", reason: "reference_rejected" });
    after.receive(view);
    expect(after.held).toBeUndefined();
    expect(await stash(view)).toMatchObject({ status: "saved" });
  });
});

describe("a state that is too large", () => {
  it("names the adapter's limit and the largest keys, never what they hold", async () => {
    const adapter = createBrowserHeldAdapter({ securityMode: "encrypt", maxBytes: 1_000 });
    const view = page({ adapter }).join();
    const canary = randomBytes(2_000).toString("hex");
    view.assign({ count: 1, draft: { note: canary } });
    const result = await stash(view);
    expect(result).toMatchObject({ status: "error", error: { code: "state_too_large" } });
    const { message } = errors[0]?.error ?? new Error("none");
    expect(message).toMatch(/at most 1000 bytes for the adapter "browser_held", found \d+ after/);
    expect(message).toMatch(/largest stored keys: draft \(\d+ bytes\), count \(\d+ bytes\)\./);
    expect(message).not.toContain(canary.slice(0, 8));
    expect(view.holdEvents).toEqual([]);
  });

  it("is one that would not fit into a frame: the largest that may be does", async () => {
    const adapter = createBrowserHeldAdapter({ securityMode: "encrypt", maxBytes: 1_048_576 });
    const tab = page({ adapter, maxStateBytes: 1_048_576 });
    const view = tab.join();
    view.assign({ draft: randomBytes(392_000).toString("hex") });
    expect(await stash(view)).toMatchObject({ status: "saved" });
    tab.receive(view);
    expect(String(tab.held).length).toBeLessThan(2 * 1_048_576 - 65_536);
    const next = elsewhere(tab, { adapter }).join();
    expect(await recoverState(next)).toMatchObject({ status: "recovered" });
  });
});

describe("recoverAfterReload", () => {
  const lasting = { recoverAfterReload: true };

  it("recovers on a fresh page what the page before it held, and has it kept", async () => {
    const tab = page(lasting);
    const first = await stashed(tab, 4);
    expect(first.holdEvents).toMatchObject([{ s: 1 }]);
    await tab.end(first);
    tab.reload();
    const second = tab.join();
    expect(await recoverState(second)).toMatchObject({ status: "recovered" });
    expect(second.assigns.count).toBe(4);
  });

  it("is off unless asked for: a fresh page drops what it presents, without a look at it", async () => {
    const tab = page();
    const first = await stashed(tab, 4);
    expect(first.holdEvents).not.toMatchObject([{ s: 1 }]);
    tab.reload();
    const second = tab.join();
    expect(await recoverState(second)).toEqual({ status: "new" });
    expect(second.holdEvents).toEqual([{ v: "phx-1", h: null }]);
  });

  it("has navigation within the page start afresh", async () => {
    const tab = page(lasting);
    await stashed(tab, 4);
    tab.reload();
    const view = tab.join({ params: { _live_referer: "http://localhost/elsewhere" } });
    expect(await recoverState(view)).toEqual({ status: "new" });
    expect(view.holdEvents).toEqual([{ v: "phx-1", h: null }]);
  });

  it.each<[string, (tab: FakePage<Assigns>) => void]>([
    ["forged", (tab) => void (tab.held = `A${String(tab.held)}`)],
    ["expired", () => clock.advance(TTL_MS * 2)],
    ["no string", (tab) => void (tab.held = { held: 1 })],
  ])("makes a page whose string is %s a fresh one", async (_name, spoil) => {
    const tab = page(lasting);
    await stashed(tab, 4);
    spoil(tab);
    tab.reload();
    const view = tab.join();
    expect(await recoverState(view)).toEqual({ status: "new" });
    expect(view.holdEvents).toEqual([{ v: "phx-1", h: null }]);
    expect(errors).toEqual([]);
  });

  it("finds nothing where nothing was kept", async () => {
    const view = page(lasting).join();
    expect(await recoverState(view)).toEqual({ status: "new" });
    expect(view.holdEvents).toEqual([]);
  });

  it("leaves alone what a fresh page stashed before it asked", async () => {
    const tab = page(lasting);
    await stashed(tab, 4);
    tab.reload();
    const view = tab.join();
    await stash(view);
    expect(await recoverState(view)).toEqual({ status: "new" });
    tab.receive(view);
    expect(tab.held).toBeDefined();
  });
});

describe("a replay", () => {
  it("of an older string of the same view and session works until its own lease is over", async () => {
    const tab = page();
    const view = await stashed(tab, 1);
    const older = tab.held;
    view.assign({ count: 2 });
    await stash(view);
    const replay = page();
    replay.join();
    const replayed = replay.join({ params: { [HELD_PARAM]: older } });
    expect(await recoverState(replayed)).toMatchObject({ status: "recovered" });
    expect(replayed.assigns.count).toBe(1);
    clock.advance(TTL_MS + INTERVAL_MS);
    const late = replay.join({ params: { [HELD_PARAM]: older } });
    expect(await recoverState(late)).toMatchObject({ status: "not_found" });
  });
});
