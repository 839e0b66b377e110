import type { BrowserContext } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { html, live, liveView } from "@live-stash/live-view";
import { createRedisAdapter } from "@live-stash/redis";
import { startRedis, type RedisServer } from "@live-stash/test-servers";
import { liveStash, recoverState, stash, type RecoverResult } from "live-stash";
import type { StashAdapter } from "live-stash/adapter";
import {
  comeBack,
  disconnect,
  inClient,
  increment,
  openPage,
  startBrowserLab,
  untilText,
  type BrowserLab,
} from "./browser-lab.ts";

let redis: RedisServer;
let adapter: StashAdapter;
let lab: BrowserLab;
let person: BrowserContext;
/** The statuses of all recoveries, in order. */
const recoveries: string[] = [];

const counter = (name: string, whenUnavailable: "rejoin" | "continue", autoStash = false) =>
  liveView<{ count: number; stashed: string }>({
    name,
    use: [
      liveStash({
        storedKeys: ["count"],
        adapter,
        whenUnavailable,
        autoStash,
        recoverWithinMs: 400,
        timeoutMs: 150,
        onError: () => undefined,
        onLateRecovery: (_socket, { status }) => void recoveries.push(`late ${status}`),
      }),
    ],
    async mount(socket) {
      socket.assign({ count: 0, stashed: "" });
      const { status }: RecoverResult = await recoverState(socket);
      if (socket.connected) recoveries.push(status);
    },
    handleEvent: {
      async increment(socket) {
        socket.assign({ count: socket.assigns.count + 1 });
        const result = await stash(socket);
        socket.assign({
          stashed: result.status === "error" ? result.error.code : result.status,
        });
      },
    },
    render: ({ count, stashed }) => html`
      <p id="count">${count}</p>
      <p id="stashed">${stashed}</p>
      <button phx-click="increment">Increment</button>
    `,
  });

beforeAll(async () => {
  redis = await startRedis();
  adapter = createRedisAdapter({ url: redis.url, timeoutMs: 150 });
  lab = await startBrowserLab({
    routes: [
      live("/rejoin", counter("rejoining", "rejoin")),
      live("/rejoin-auto", counter("rejoining-auto", "rejoin", true)),
      live("/continue", counter("continuing", "continue")),
    ],
  });
});

afterAll(async () => {
  await lab.close();
  await adapter.close();
  await redis.close();
});

beforeEach(async () => {
  recoveries.length = 0;
  person = await lab.newPerson();
  return () => person.close();
});

test.each(["/rejoin", "/rejoin-auto"])(
  "a page of %s shows what it showed while Redis hangs, and continues where it was",
  async (path) => {
    const { page, joins } = await openPage(person, path);
    await increment(page, 3);
    await disconnect(page);
    redis.pause();
    await inClient(page, ({ liveSocket }) => liveSocket.connect(), undefined);
    await expect.poll(() => joins.length, { timeout: 30_000 }).toBeGreaterThan(3);
    expect(await page.textContent("#count")).toBe("3");
    expect(recoveries).toContain("pending");
    redis.resume();
    await page.waitForSelector("[data-phx-main].phx-connected:not(.phx-loading)");
    await untilText(page, "#count", "3");
    await increment(page, 1);
    await untilText(page, "#count", "4");
    expect(recoveries.at(-1)).toBe("recovered");
  },
);

test("a page that continues without its state saves nothing over it, and gets it when Redis is back", async () => {
  const { page } = await openPage(person, "/continue");
  await increment(page, 3);
  await disconnect(page);
  redis.pause();
  await comeBack(page);
  await untilText(page, "#count", "0");
  redis.resume();
  await untilText(page, "#count", "3");
  expect(recoveries).toEqual(["new", "pending", "late recovered"]);
  await increment(page, 1);
  await untilText(page, "#stashed", "saved");
});
