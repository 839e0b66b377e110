import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { html, live, liveView, navigateLink, patchLink, textParam } from "@live-stash/live-view";
import { createMemoryAdapter, liveStash, recoverState, stash } from "live-stash";
import {
  comeBack,
  disconnect,
  inClient,
  openPage,
  startBrowserLab,
  untilText,
  type BrowserLab,
} from "./browser-lab.ts";

const adapter = createMemoryAdapter();

interface Assigns {
  count: number;
  page: string;
  status: string;
}

/** Creates a stashing view that navigates to the other one in every way. */
const stashing = (name: string, other: string) =>
  liveView<Assigns, "go">({
    name,
    use: [liveStash({ storedKeys: ["count"], adapter })],
    async mount(socket) {
      socket.assign({ count: 0 });
      socket.assign({ status: (await recoverState(socket)).status });
    },
    handleParams: (socket, params) => socket.assign({ page: textParam(params, "page") ?? "none" }),
    handleInfo: (socket) => socket.pushNavigate(other),
    handleEvent: {
      async increment(socket) {
        socket.assign({ count: socket.assigns.count + 1 });
        await stash(socket);
      },
      go(socket) {
        socket.putFlash("info", `from ${name}`);
        socket.pushNavigate(other);
      },
      goLater: (socket) => socket.send("go"),
      patch: (socket) => socket.pushPatch(`/${name}?page=pushed`),
    },
    render: ({ count, page, status }, { flash }) =>
      html`<h1>${name}</h1>
        <p id="count">${count}</p>
        <p id="page">${page}</p>
        <p id="status">${status}</p>
        <p id="flash">${flash.info}</p>
        <button phx-click="increment">Increment</button>
        <button phx-click="go">Go</button>
        <button phx-click="goLater">Go later</button>
        <button phx-click="patch">Patch</button>
        <a ${navigateLink(other)}>Link</a>
        <a ${patchLink(`/${name}?page=linked`)}>Patch link</a>`,
  });

const form = liveView<{ text: string }>({
  name: "form",
  mount: (socket) => socket.assign({ text: "" }),
  handleEvent: { change: (socket, { text }) => socket.assign({ text: String(text) }) },
  render: ({ text }) =>
    html`<form id="draft" phx-change="change">
        <input name="text" value=${text} /><textarea name="more">${text}</textarea>
      </form>
      <p id="server">${text}</p>`,
});

let lab: BrowserLab;
let person: BrowserContext;

beforeAll(async () => {
  lab = await startBrowserLab({
    routes: [
      live("/one", stashing("one", "/two")),
      live("/two", stashing("two", "/one")),
      live("/form", form),
    ],
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

/** Marks the document, so that a page load is noticed. */
async function markPage(page: Page): Promise<void> {
  await inClient(
    page,
    (client) => {
      Object.assign(client.liveSocket, { reloadJitterMin: 0, reloadJitterMax: 1 });
      document.documentElement.dataset.marked = "yes";
    },
    undefined,
  );
}

const isSamePage = (page: Page): Promise<boolean> =>
  page.evaluate(() => document.documentElement.dataset.marked === "yes");

test("views go to each other over one socket, and never by a page load", async () => {
  const { page, complaints, socketUrls } = await openPage(person, "/one");
  await markPage(page);
  const button = (name: string) => page.getByRole("button", { name, exact: true });

  await button("Go").click();
  await untilText(page, "h1", "two");
  await untilText(page, "#flash", "from one");
  await button("Go later").click();
  await untilText(page, "h1", "one");
  await page.getByRole("link", { name: "Link", exact: true }).click();
  await untilText(page, "h1", "two");
  await page.goBack();
  await untilText(page, "h1", "one");
  await page.goForward();
  await untilText(page, "h1", "two");
  await button("Patch").click();
  await untilText(page, "#page", "pushed");
  await page.getByRole("link", { name: "Patch link" }).click();
  await untilText(page, "#page", "linked");
  await page.goBack();
  await untilText(page, "#page", "pushed");
  await button("Increment").click();
  await untilText(page, "#count", "1");

  expect(await isSamePage(page)).toBe(true);
  expect(socketUrls).toHaveLength(1);
  expect(complaints).toEqual([]);
  expect(lab.serverErrors).toEqual([]);
});

test("a view reached by navigation keeps its own state, and starts afresh when visited again", async () => {
  const { page, complaints } = await openPage(person, "/one");
  const increment = () => page.getByRole("button", { name: "Increment" }).click();
  const go = () => page.getByRole("button", { name: "Go", exact: true }).click();
  await increment();
  await untilText(page, "#count", "1");
  await go();
  await untilText(page, "h1", "two");
  await untilText(page, "#status", "new");
  await disconnect(page);
  await comeBack(page);
  await untilText(page, "#status", "not_found");
  await increment();
  await increment();
  await untilText(page, "#count", "2");
  await disconnect(page);
  await comeBack(page);
  await untilText(page, "#status", "recovered");
  await untilText(page, "#count", "2");
  await page.goBack();
  await untilText(page, "h1", "one");
  await untilText(page, "#status", "new");
  await untilText(page, "#count", "0");
  await disconnect(page);
  await comeBack(page);
  await untilText(page, "#status", "not_found");
  expect(complaints).toEqual([]);
});

test("what was typed into a form comes back by the client's own recovery", async () => {
  const { page, complaints } = await openPage(person, "/form");
  await page.locator("input[name=text]").fill('a <b> & "c"');
  await untilText(page, "#server", 'a <b> & "c"');
  await disconnect(page);
  await comeBack(page);
  await untilText(page, "#server", 'a <b> & "c"');
  expect(await page.locator("input[name=text]").inputValue()).toBe('a <b> & "c"');
  expect(complaints).toEqual([]);
});
