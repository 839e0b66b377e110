import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SECRET } from "../../test/fake-page.ts";
import { createHeldPages, INTERVAL_MS, stashed, TTL_MS } from "../../test/held-pages.ts";
import {
  createBrowserHeldAdapter,
  recoverState,
  resetStash,
  type SecurityMode,
  stash,
} from "../index.ts";
import { TOKEN_PARAM } from "../entries/host.ts";

const OLDER_SECRET = "an older secret, of which the string was made at first";

let { clock, elsewhere, errors, page } = createHeldPages();

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  ({ clock, elsewhere, errors, page } = createHeldPages());
});

afterEach(() => vi.useRealTimers());

describe.each<SecurityMode>(["encrypt", "sign"])("a state in the browser (%s)", (mode) => {
  it("is recovered by a server that has never seen it", async () => {
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

  it("is sent to the browser once after each change, in full", async () => {
    const tab = page({}, mode);
    const view = await stashed(tab, 1);
    const one = tab.token;
    view.assign({ count: 2 });
    await stash(view);
    await stash(view);
    tab.receive(view);
    expect(tab.token).not.toBe(one);
    expect(view.holdEvents).toHaveLength(2);
    const next = elsewhere(tab, {}, mode).join();
    await recoverState(next);
    expect(next.assigns.count).toBe(2);
  });

  it("is rejected in the other mode", async () => {
    const tab = page({}, mode);
    await stashed(tab, 1);
    const other = elsewhere(tab, {}, mode === "sign" ? "encrypt" : "sign").join();
    expect(await recoverState(other)).toEqual({ status: "error", reason: "reference_rejected" });
  });
});

describe("a stash() after the connection is lost", () => {
  it("is not reported as saved, because no browser receives it", async () => {
    const tab = page();
    const view = await stashed(tab, 1);
    await tab.end(view);
    view.assign({ count: 2 });
    expect(await stash(view)).toEqual({ status: "superseded" });
    expect(view.holdEvents).toHaveLength(1);
  });
});

describe("resetStash()", () => {
  it("makes the browser drop its token", async () => {
    const tab = page();
    const view = await stashed(tab, 1);
    expect(await resetStash(view)).toEqual({ status: "reset" });
    tab.receive(view);
    expect(tab.token).toBeUndefined();
    expect(await stash(view)).toMatchObject({ status: "saved" });
  });
});

describe("the secret of a state token", () => {
  it("rotates: a token of an older secret is valid, and is replaced by one of the newest", async () => {
    const tab = page({ secret: OLDER_SECRET });
    await stashed(tab, 5);
    const between = elsewhere(tab, { secret: [SECRET, OLDER_SECRET] });
    const view = between.join();
    expect(await recoverState(view)).toMatchObject({ status: "recovered" });
    between.receive(view);
    expect(between.token).not.toBe(tab.token);
    const after = elsewhere(between, { secret: SECRET }).join();
    expect(await recoverState(after)).toMatchObject({ status: "recovered" });
    expect(after.assigns.count).toBe(5);
  });

  it("makes recoverState() return an error once it is removed, and the next stash replaces the token", async () => {
    const tab = page({ secret: OLDER_SECRET });
    await stashed(tab, 5);
    const after = elsewhere(tab);
    const view = after.join();
    expect(await recoverState(view)).toEqual({ status: "error", reason: "reference_rejected" });
    after.receive(view);
    expect(after.token).toBe(tab.token);
    expect(await stash(view)).toMatchObject({ status: "saved" });
    after.receive(view);
    expect(after.token).not.toBe(tab.token);
  });
});

describe("a state that is too large", () => {
  it("is rejected with the adapter's limit and the largest keys, without their values", async () => {
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

  it("is larger than the largest allowed state, which fits into a frame", async () => {
    const adapter = createBrowserHeldAdapter({ securityMode: "encrypt", maxBytes: 1_048_576 });
    const tab = page({ adapter, maxStateBytes: 1_048_576 });
    const view = tab.join();
    view.assign({ draft: randomBytes(392_000).toString("hex") });
    expect(await stash(view)).toMatchObject({ status: "saved" });
    tab.receive(view);
    expect(String(tab.token).length).toBeLessThan(2 * 1_048_576 - 65_536);
    const next = elsewhere(tab, { adapter }).join();
    expect(await recoverState(next)).toMatchObject({ status: "recovered" });
  });
});

describe("a replayed token", () => {
  it("of the same view and session is valid until its own expiry", async () => {
    const tab = page();
    const view = await stashed(tab, 1);
    const older = tab.token;
    view.assign({ count: 2 });
    await stash(view);
    const replay = page();
    replay.join();
    const replayed = replay.join({ params: { [TOKEN_PARAM]: older } });
    expect(await recoverState(replayed)).toMatchObject({ status: "recovered" });
    expect(replayed.assigns.count).toBe(1);
    clock.advance(TTL_MS + INTERVAL_MS);
    const late = replay.join({ params: { [TOKEN_PARAM]: older } });
    expect(await recoverState(late)).toMatchObject({ status: "not_found" });
  });
});
