import type { BrowserContext } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { cookieSession, html, live, liveSession, liveView } from "@live-stash/live-view";
import { createMemoryAdapter } from "live-stash";
import {
  connected,
  increment,
  openPage,
  reconnect,
  startBrowserLab,
  untilText,
  type BrowserLab,
} from "./browser-lab.ts";
import { stashedCounter } from "./stashed-counter.ts";

const leaving = liveView<object>({
  name: "leaving",
  handleEvent: {
    go(socket) {
      socket.putFlash("info", "from leaving");
      socket.pushNavigate("/other");
    },
  },
  render: () => html`<button phx-click="go">Go</button>`,
});

const other = liveView<object>({
  name: "other",
  render: (_, { flash }) => html`<p id="flash">${flash.info}</p>`,
});

const counter = stashedCounter({
  name: "counter",
  adapter: createMemoryAdapter(),
  ttlMs: 60_000,
  clock: Date,
});

let lab: BrowserLab;
let person: BrowserContext;

beforeAll(async () => {
  lab = await startBrowserLab({
    routes: [
      live("/counter", counter),
      live("/leaving", leaving),
      liveSession("other", {}, [live("/other", other)]),
    ],
  });
});
afterAll(() => lab.close());
beforeEach(async () => {
  person = await lab.newPerson();
});
afterEach(() => person.close());

test("a tab keeps its stash, and is not loaded anew, although another tab's first visit took its cookie away", async () => {
  const { page } = await openPage(person, "/counter");
  await increment(page, 2);
  let loads = 0;
  page.on("load", () => (loads += 1));
  await person.clearCookies();
  const second = await openPage(person, "/counter");
  await reconnect(page);
  await untilText(page, "#count", "2");
  await increment(second.page, 1);
  await increment(page, 1);
  expect(loads).toBe(0);
});

test("a page whose cookie the browser never keeps works, and keeps its stash", async () => {
  const cookieless = await startBrowserLab({
    routes: [live("/counter", counter)],
    // Not the page's domain, so browsers reject the cookie.
    sessions: cookieSession({ domain: "example.com" }),
  });
  onTestFinished(() => cookieless.close());
  const visitor = await cookieless.newPerson();
  const { page } = await openPage(visitor, "/counter");
  expect(await visitor.cookies()).toEqual([]);
  let loads = 0;
  page.on("load", () => (loads += 1));
  await increment(page, 2);
  await reconnect(page);
  await untilText(page, "#count", "2");
  expect(loads).toBe(0);
});

test("a page that leaves its live session at once is loaded at once, with its flash", async () => {
  const { page } = await openPage(person, "/leaving");
  await page.getByRole("button", { name: "Go" }).click();
  await untilText(page, "#flash", "from leaving");
  await connected(page);
  expect(new URL(page.url()).pathname).toBe("/other");
});
