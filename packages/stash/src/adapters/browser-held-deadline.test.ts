import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type FakeHost } from "../../test/fake-page.ts";
import {
  type Assigns,
  createHeldPages,
  INTERVAL_MS,
  stashed,
  TTL_MS,
} from "../../test/held-pages.ts";
import { createBrowserHeldAdapter, recoverState, resetStash } from "../index.ts";

let { clock, elsewhere, page, pass } = createHeldPages();

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  ({ clock, elsewhere, page, pass } = createHeldPages());
});

afterEach(() => vi.useRealTimers());

describe("the expiry of a state token", () => {
  it("never passes while the page is connected, and a renewal does not send the state again", async () => {
    const tab = page();
    const view = await stashed(tab, 7);
    const [state] = String(tab.token).split("~");
    for (let round = 0; round < 40; round += 1) await pass(INTERVAL_MS);
    expect(view.holdEvents).toHaveLength(41);
    for (const event of view.holdEvents.slice(1)) {
      expect(event).toEqual({ v: "phx-1", r: expect.stringMatching(/^[\w-]{24}$/) as string });
    }
    await tab.end(view);
    expect(String(tab.token).split("~")[0]).toBe(state);
    clock.advance(TTL_MS - 1);
    const next = elsewhere(tab).join();
    expect(await recoverState(next)).toMatchObject({ status: "recovered" });
    expect(next.assigns.count).toBe(7);
  });

  it.each([0, 1, INTERVAL_MS / 2, INTERVAL_MS - 1])(
    "passes one TTL, and at most one interval more, after the disconnect (%d ms into an interval)",
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
      expect(late.token).toBeUndefined();
      expect(view2.assigns.count).toBe(0);
    },
  );

  it("is renewed at once when the page returns, and the old token is valid until then", async () => {
    const tab = page();
    await stashed(tab, 7);
    clock.advance(TTL_MS);
    const before = tab.token;
    const back = elsewhere(tab);
    const second = back.join();
    await recoverState(second);
    back.receive(second);
    expect(second.holdEvents).toHaveLength(1);
    expect(String(back.token).split("~")[0]).toBe(String(before).split("~")[0]);
    clock.advance(TTL_MS);
    expect(await recoverState(elsewhere(back).join())).toMatchObject({ status: "recovered" });
    expect(await recoverState(elsewhere(tab).join())).toMatchObject({ status: "not_found" });
  });

  it("is not renewed more often because of a view with a shorter TTL", async () => {
    const adapter = createBrowserHeldAdapter({ securityMode: "encrypt" });
    const long = await stashed(page({ adapter }), 1);
    const short = await stashed(page({ adapter, ttlMs: TTL_MS / 20 }), 1);
    for (let round = 0; round < 20; round += 1) await pass(INTERVAL_MS / 20);
    expect(short.holdEvents).toHaveLength(21);
    expect(long.holdEvents).toHaveLength(2);
  });

  it("is not renewed after the view has ended or lost its stash", async () => {
    const tab = page();
    const ended = await stashed(tab, 1);
    const reset = await stashed(page(), 1);
    await tab.end(ended);
    await resetStash(reset);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is renewed in batches for thousands of views, so that other work can run in between", async () => {
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

  it("is that of the presented token if recoverState() is called again", async () => {
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
