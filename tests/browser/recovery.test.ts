import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { live } from "@live-stash/live-view";
import { createMemoryAdapter, type StashResult } from "live-stash";
import {
  comeBack,
  connected,
  disconnect,
  inClient,
  increment,
  openPage,
  reconnect,
  startBrowserLab,
  untilText,
  type BrowserLab,
} from "./browser-lab.ts";
import { createGate, stashedCounter } from "./stashed-counter.ts";

const TTL_MS = 60_000;

let lab: BrowserLab;
let person: BrowserContext;
/** The stash's clock is ahead by this much, so that no test waits for a TTL. */
let aheadMs = 0;
const clock = { now: () => Date.now() + aheadMs };
const adapter = createMemoryAdapter({ clock });
let slow = createGate();
const outcomes: StashResult[] = [];

beforeAll(async () => {
  const counter = (name: string) =>
    stashedCounter({
      name,
      adapter,
      ttlMs: TTL_MS,
      clock,
      outcomes,
      untilSlow: () => slow.passed,
    });
  lab = await startBrowserLab({
    routes: [live("/", counter("counter")), live("/other", counter("other"))],
    limits: { maxCrashesPerMinute: 100 },
  });
});

afterAll(async () => {
  await lab.close();
  await adapter.close();
});

beforeEach(async () => {
  person = await lab.newPerson();
  return () => person.close();
});

async function expectState(page: Page, state: { count: number; status: string }): Promise<void> {
  await untilText(page, "#count", String(state.count));
  await untilText(page, "#status", state.status);
}

/** Replaces the page's token. */
async function hold(page: Page, value: unknown): Promise<void> {
  await inClient(
    page,
    ({ liveSocket }, held) => {
      const before = liveSocket.params;
      // Called without an element for the URL, which must not change.
      liveSocket.params = (element?: Element) =>
        element === undefined
          ? before(undefined as never)
          : { ...before(element), _live_stash: held };
    },
    value,
  );
}

const heldBy = (page: Page): Promise<string> =>
  inClient(page, ({ holds }) => String(holds.at(-1)?.h), undefined);

/** Reconnects before the server can have noticed the loss. */
const blink = (page: Page): Promise<void> =>
  inClient(page, ({ liveSocket }) => liveSocket.disconnect(() => liveSocket.connect()), undefined);

describe("the state comes back", () => {
  test("after a lost connection", async () => {
    const { page, complaints, socketUrls, joins } = await openPage(person, "/");
    await expectState(page, { count: 0, status: "new" });
    await increment(page, 3);
    await reconnect(page);
    await expectState(page, { count: 3, status: "recovered" });
    await increment(page, 1);
    await reconnect(page);
    await expectState(page, { count: 4, status: "recovered" });

    const held = await heldBy(page);
    expect(joins.at(-1)?.params._live_stash).toBe(held);
    expect(socketUrls).toHaveLength(3);
    for (const url of socketUrls) {
      expect(url).not.toContain(held);
      expect(url).not.toContain("stash");
    }
    expect(complaints).toEqual([]);
  });

  test("after the view crashed", async () => {
    const { page } = await openPage(person, "/");
    await increment(page, 2);
    await page.getByRole("button", { name: "Crash" }).click();
    await expectState(page, { count: 2, status: "recovered" });
  });

  test("after twenty quick reconnects in a row", async () => {
    const { page, complaints } = await openPage(person, "/");
    await increment(page, 1);
    for (let count = 0; count < 20; count++) {
      await blink(page);
    }
    await connected(page);
    await expectState(page, { count: 1, status: "recovered" });
    for (let count = 0; count < 20; count++) await reconnect(page);
    await expectState(page, { count: 1, status: "recovered" });
    await increment(page, 1);
    expect(complaints).toEqual([]);
  });

  test("after the TCP connection was cut, again and again", async () => {
    const { page, joins } = await openPage(person, "/");
    for (let count = 1; count <= 3; count++) {
      await increment(page, 1);
      const joinsBefore = joins.length;
      lab.proxy.cut();
      await expect.poll(() => joins.length, { timeout: 20_000 }).toBeGreaterThan(joinsBefore);
      await connected(page);
      await expectState(page, { count, status: "recovered" });
    }
  });

  test("when the answer to the rejoin is lost three times", async () => {
    const { page, joins } = await openPage(person, "/");
    await increment(page, 5);
    const joinsBefore = joins.length;
    lab.proxy.dropAnswers((text) => text.includes("liveview_version"));
    for (let lost = 1; lost <= 3; lost++) {
      await blink(page);
      await lab.proxy.untilDropped(lost);
    }
    lab.proxy.deliverAnswers();
    await reconnect(page);
    await expectState(page, { count: 5, status: "recovered" });
    expect(joins.length - joinsBefore).toBe(4);
    await increment(page, 1);
    await reconnect(page);
    await expectState(page, { count: 6, status: "recovered" });
  });

  test("for a page that stayed connected, idle, for several TTLs", async () => {
    const { page } = await openPage(person, "/");
    await increment(page, 2);
    aheadMs += TTL_MS * 3;
    adapter.sweep();
    await reconnect(page);
    await expectState(page, { count: 2, status: "recovered" });
  });
});

describe("the state does not come back", () => {
  test("after a page load", async () => {
    const { page } = await openPage(person, "/");
    await increment(page, 2);
    await page.reload();
    await connected(page);
    await expectState(page, { count: 0, status: "new" });
  });

  test("after the TTL", async () => {
    const { page } = await openPage(person, "/");
    await increment(page, 2);
    const { connected: connectedBefore } = adapter.figures();
    await disconnect(page);
    await expect.poll(() => adapter.figures().connected).toBe(connectedBefore - 1);
    aheadMs += TTL_MS;
    await comeBack(page);
    await expectState(page, { count: 0, status: "not_found" });
    await increment(page, 1);
    await reconnect(page);
    await expectState(page, { count: 1, status: "recovered" });
  });

  test("after a reset", async () => {
    const { page } = await openPage(person, "/");
    await increment(page, 2);
    const entries = adapter.figures().entries;
    const before = await heldBy(page);
    await page.getByRole("button", { name: "Reset" }).click();
    await expect.poll(() => heldBy(page)).not.toBe(before);
    expect(adapter.figures().entries).toBe(entries - 1);
    await reconnect(page);
    await expectState(page, { count: 0, status: "not_found" });
  });

  test("in a second tab of the same person", async () => {
    const first = await openPage(person, "/");
    await increment(first.page, 2);
    const second = await openPage(person, "/");
    await expectState(second.page, { count: 0, status: "new" });
    await reconnect(second.page);
    await expectState(second.page, { count: 0, status: "not_found" });
    await reconnect(first.page);
    await expectState(first.page, { count: 2, status: "recovered" });
  });

  test("in another session, and trying costs the owner nothing", async () => {
    const owner = await openPage(person, "/");
    await increment(owner.page, 7);
    const held = await heldBy(owner.page);
    const stranger = await lab.newPerson();
    const thief = await openPage(stranger, "/");
    await hold(thief.page, held);
    await reconnect(thief.page);
    await expectState(thief.page, { count: 0, status: "error" });
    await untilText(thief.page, "#reason", "reference_rejected");
    await increment(owner.page, 1);
    await reconnect(owner.page);
    await expectState(owner.page, { count: 8, status: "recovered" });
    await stranger.close();
  });

  test("when another view of the same person presents it", async () => {
    const owner = await openPage(person, "/");
    await increment(owner.page, 3);
    const other = await openPage(person, "/other");
    await hold(other.page, await heldBy(owner.page));
    await reconnect(other.page);
    await expectState(other.page, { count: 0, status: "error" });
    await reconnect(owner.page);
    await expectState(owner.page, { count: 3, status: "recovered" });
  });

  test.each<[string, (held: string) => unknown, string]>([
    ["a forged token", (held) => `${held.slice(0, -4)}AAAA`, "error"],
    ["a truncated string", (held) => held.slice(0, -5), "error"],
    ["a foreign string", () => "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl", "error"],
    ["an empty string", () => "", "error"],
    ["a string of 1 MB", () => "A".repeat(1_000_000), "error"],
    ["an object", () => ({ id: "x" }), "error"],
    ["an array", (held) => [held], "error"],
    ["a number", () => 5, "error"],
    ["null", () => null, "not_found"],
  ])("for %s; the page works, and its next stash does too", async (_, change, status) => {
    const { page, complaints } = await openPage(person, "/");
    await increment(page, 2);
    await hold(page, change(await heldBy(page)));
    await reconnect(page);
    await expectState(page, { count: 0, status });
    await increment(page, 1);
    await hold(page, await heldBy(page));
    await reconnect(page);
    await expectState(page, { count: 1, status: "recovered" });
    expect(complaints).toEqual([]);
  });
});

test("a view that is still busy when its successor has recovered changes nothing any more", async () => {
  slow = createGate();
  const { page } = await openPage(person, "/");
  await increment(page, 2);
  outcomes.length = 0;
  await page.getByRole("button", { name: "Slow" }).click();
  await reconnect(page);
  await expectState(page, { count: 2, status: "recovered" });
  await increment(page, 1);
  slow.open();
  await expect.poll(() => outcomes.map(({ status }) => status)).toEqual(["saved", "superseded"]);
  await reconnect(page);
  await expectState(page, { count: 3, status: "recovered" });
});
