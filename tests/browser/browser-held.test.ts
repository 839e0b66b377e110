import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { live } from "@live-stash/live-view";
import { createBrowserHeldAdapter } from "live-stash";
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
import { stashedCounter } from "./stashed-counter.ts";

const MINUTE_MS = 60_000;
const SHORT_TTL_MS = 600;
/** The limit on a renewal's bytes on the wire, including a WebSocket frame's header of two bytes. */
const MAX_RENEWAL_BYTES = 120;
const FRAME_HEADER_BYTES = 2;

let lab: BrowserLab;
let person: BrowserContext;
/** The stash's clock is ahead by this much, so that no test waits for a TTL. */
let aheadMs = 0;
const clock = { now: () => Date.now() + aheadMs };

beforeAll(async () => {
  const adapter = createBrowserHeldAdapter({ securityMode: "encrypt" });
  const ttlMs = MINUTE_MS;
  lab = await startBrowserLab({
    routes: [
      live("/", stashedCounter({ name: "counter", adapter, ttlMs, clock })),
      live("/other", stashedCounter({ name: "other", adapter, ttlMs, clock })),
      live("/short", stashedCounter({ name: "short", adapter, ttlMs: SHORT_TTL_MS, clock })),
      live(
        "/lasting",
        stashedCounter({ name: "lasting", adapter, ttlMs, clock, recoverAfterReload: true }),
      ),
    ],
    limits: { maxCrashesPerMinute: 100 },
  });
});

afterAll(() => lab.close());

beforeEach(async () => {
  person = await lab.newPerson();
  return () => person.close();
});

async function expectState(page: Page, state: { count: number; status: string }): Promise<void> {
  await untilText(page, "#count", String(state.count));
  await untilText(page, "#status", state.status);
}

describe("a state in the browser", () => {
  test("comes back, again and again, and is not in the URL", async () => {
    const { page, complaints, socketUrls, joins } = await openPage(person, "/");
    for (let count = 1; count <= 3; count += 1) {
      await increment(page, 1);
      await reconnect(page);
      await expectState(page, { count, status: "recovered" });
    }
    const held = String(joins.at(-1)?.params["_live_stash"]);
    expect(held).toMatch(/^[\w-]+~[\w-]{24}$/);
    for (const url of socketUrls) expect(url).not.toContain(held.slice(0, 20));
    expect(complaints).toEqual([]);
  });

  test("comes back after the view crashed, and after the TCP connection was cut", async () => {
    const { page } = await openPage(person, "/");
    await increment(page, 2);
    await page.getByRole("button", { name: "Crash" }).click();
    await expectState(page, { count: 2, status: "recovered" });
    lab.proxy.cut();
    await page.waitForSelector("[data-phx-main].phx-error", { state: "attached" }).catch(() => {});
    await connected(page);
    await expectState(page, { count: 2, status: "recovered" });
  });

  test("of an idle page outlives several TTLs, for at most 120 bytes each time", async () => {
    const frames: string[] = [];
    const page = await person.newPage();
    page.on("websocket", (socket) => {
      socket.on("framereceived", ({ payload }) => void frames.push(String(payload)));
    });
    await page.goto("/short");
    await connected(page);
    await increment(page, 2);
    const isRenewal = (frame: string): boolean =>
      frame.includes('"r":"') && !frame.includes('"h":');
    await expect
      .poll(() => frames.filter(isRenewal).length, { timeout: 20_000 })
      .toBeGreaterThan(12);
    for (const frame of frames.filter(isRenewal)) {
      const bytes = Buffer.byteLength(frame) + FRAME_HEADER_BYTES;
      expect(bytes, frame).toBeLessThanOrEqual(MAX_RENEWAL_BYTES);
    }
    await reconnect(page);
    await expectState(page, { count: 2, status: "recovered" });
  });

  test("is over after the TTL", async () => {
    const { page } = await openPage(person, "/");
    await increment(page, 2);
    await disconnect(page);
    // The deadline may be later than the TTL by one interval of the keep-alive.
    aheadMs += MINUTE_MS * 1.25;
    await comeBack(page);
    await expectState(page, { count: 0, status: "not_found" });
    await increment(page, 1);
    await reconnect(page);
    await expectState(page, { count: 1, status: "recovered" });
  });

  test("is gone after a reset, and after a page load", async () => {
    const { page } = await openPage(person, "/");
    await increment(page, 2);
    await page.getByRole("button", { name: "Reset" }).click();
    await expect.poll(() => inClient(page, ({ holds }) => holds.at(-1)?.h, undefined)).toBeNull();
    await reconnect(page);
    await expectState(page, { count: 0, status: "not_found" });
    await increment(page, 2);
    await page.reload();
    await connected(page);
    await expectState(page, { count: 0, status: "new" });
  });

  test.each([
    ["in another session", "/", true],
    ["for another view", "/other", false],
  ])("is nothing %s", async (_name, path, isStranger) => {
    const owner = await openPage(person, "/");
    await increment(owner.page, 7);
    await reconnect(owner.page);
    const stolen = owner.joins.at(-1)?.params["_live_stash"];
    const thief = isStranger ? await lab.newPerson() : person;
    const { page } = await openPage(thief, path);
    await inClient(
      page,
      ({ liveSocket }, held) => {
        const before = liveSocket.params;
        liveSocket.params = (element?: Element) =>
          element === undefined
            ? before(undefined as never)
            : { ...before(element), _live_stash: held };
      },
      stolen,
    );
    await reconnect(page);
    await expectState(page, { count: 0, status: "error" });
    await reconnect(owner.page);
    await expectState(owner.page, { count: 7, status: "recovered" });
    if (isStranger) await thief.close();
  });
});

describe("with recoverAfterReload", () => {
  test("a reload in the same tab recovers, as often as it happens", async () => {
    const { page, complaints } = await openPage(person, "/lasting");
    await expectState(page, { count: 0, status: "new" });
    for (let count = 1; count <= 3; count += 1) {
      await increment(page, 1);
      await page.reload();
      await connected(page);
      await expectState(page, { count, status: "recovered" });
    }
    await reconnect(page);
    await expectState(page, { count: 3, status: "recovered" });
    expect(complaints).toEqual([]);
  });

  test("a second tab, and a way to the page by its address, start afresh", async () => {
    const { page } = await openPage(person, "/lasting");
    await increment(page, 2);
    const second = await openPage(person, "/lasting");
    await expectState(second.page, { count: 0, status: "new" });
    const [opened] = await Promise.all([
      person.waitForEvent("page"),
      page.evaluate(() => void window.open("/lasting")),
    ]);
    await connected(opened);
    await expectState(opened, { count: 0, status: "new" });
    await page.reload();
    await connected(page);
    await expectState(page, { count: 2, status: "recovered" });
    await page.goto("/lasting");
    await connected(page);
    await expectState(page, { count: 0, status: "new" });
    await page.reload();
    await connected(page);
    await expectState(page, { count: 0, status: "new" });
  });

  test("a reset is kept too", async () => {
    const { page } = await openPage(person, "/lasting");
    await increment(page, 2);
    await page.getByRole("button", { name: "Reset" }).click();
    await expect.poll(() => inClient(page, ({ holds }) => holds.at(-1)?.h, undefined)).toBeNull();
    await page.reload();
    await connected(page);
    await expectState(page, { count: 0, status: "new" });
  });
});
