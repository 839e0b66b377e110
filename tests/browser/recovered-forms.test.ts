import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type EventValue, html, live, liveView } from "@live-stash/live-view";
import { createMemoryAdapter, liveStash, recoverState, stash } from "live-stash";
import {
  comeBack,
  disconnect,
  inClient,
  openPage,
  reconnect,
  startBrowserLab,
  untilText,
  type BrowserLab,
} from "./browser-lab.ts";

interface Search {
  q: string;
  sort: string;
  exact: boolean;
  page: number;
  /** Not stashed. */
  note: string;
}

/** The filter's values in the order of the events. */
const events: EventValue[] = [];
const stashes: string[] = [];
let memory = createMemoryAdapter();
const adapter = { ...memory };

const form = ({ q, sort, exact, note }: Search) => html`
  <form id="filter" phx-change="filter">
    <input id="q" name="q" value="${q}" />
    <input id="note" name="note" value="${note}" />
    <select id="sort" name="sort">
      <option value="name">Name</option>
      <option value="price" selected="${sort === "price"}">Price</option>
    </select>
    <input type="checkbox" id="exact" name="exact" value="yes" checked="${exact}" />
    <button>Search</button>
  </form>
`;

const search = liveView<Search>({
  name: "search",
  use: [liveStash({ storedKeys: ["q", "sort", "exact", "page"], adapter })],
  async mount(socket) {
    socket.assign({ q: "", sort: "name", exact: false, page: 1, note: "" });
    await recoverState(socket);
  },
  handleEvent: {
    async filter(socket, value) {
      events.push(value);
      const { q, sort, exact, note } = value;
      // A changed filter starts at its first page.
      socket.assign({ q: String(q), sort: String(sort), exact: exact === "yes", page: 1 });
      socket.assign({ note: String(note) });
      stashes.push((await stash(socket)).status);
    },
    async next(socket) {
      socket.assign({ page: socket.assigns.page + 1 });
      await stash(socket);
    },
  },
  render: (assigns) => html`
    ${form(assigns)}
    <p id="page">${assigns.page}</p>
    <button id="next" phx-click="next">Next</button>
  `,
});

let lab: BrowserLab;
let page: Page;

beforeAll(async () => {
  lab = await startBrowserLab({ routes: [live("/", search)] });
});
afterAll(() => lab.close());

beforeEach(async () => {
  const person = await lab.newPerson();
  ({ page } = await openPage(person, "/"));
  await page.fill("#note", "blue");
  await page.fill("#q", "pen");
  await page.selectOption("#sort", "price");
  await page.check("#exact");
  await page.click("#next");
  await page.click("#next");
  await untilText(page, "#page", "3");
  events.length = 0;
  stashes.length = 0;
  return () => person.close();
});

test("a form that shows what was recovered does not undo it", async () => {
  await reconnect(page);
  await untilText(page, "#page", "3");
  expect(await page.inputValue("#q")).toBe("pen");
  expect(await page.isChecked("#exact")).toBe(true);
  expect(events).toEqual([expect.objectContaining({ q: "pen", _recovered: "same" })]);
  expect(stashes).toEqual(["unchanged"]);
  await reconnect(page);
  await untilText(page, "#page", "3");
});

test("what is not stashed comes back by its form all the same", async () => {
  await reconnect(page);
  await expect.poll(() => page.inputValue("#note")).toBe("blue");
  await untilText(page, "#page", "3");
});

test("what was typed without a connection is sent, and can be told from a person's event", async () => {
  await disconnect(page);
  await page.fill("#q", "pencil");
  await comeBack(page);
  await untilText(page, "#page", "1");
  expect(events).toEqual([expect.objectContaining({ q: "pencil", _recovered: "edited" })]);
  await page.fill("#q", "pencils");
  await expect.poll(() => events.length).toBe(2);
  expect(events[1]).not.toHaveProperty("_recovered");
});

test("a person's event carries no mark after a form that showed what was recovered", async () => {
  await reconnect(page);
  await page.fill("#q", "ink");
  await expect.poll(() => events.length).toBe(2);
  expect(events[1]).toMatchObject({ q: "ink" });
  expect(events[1]).not.toHaveProperty("_recovered");
  expect(await page.getAttribute("#filter", "phx-value-_recovered")).toBeNull();
});

test("where the state is gone the form brings back what it shows", async () => {
  await disconnect(page);
  memory = createMemoryAdapter();
  Object.assign(adapter, memory);
  await comeBack(page);
  await expect.poll(() => events.length).toBe(1);
  expect(events[0]).toMatchObject({ q: "pen", sort: "price", exact: "yes", _recovered: "same" });
  await expect.poll(() => page.inputValue("#q")).toBe("pen");
});

test("what was typed between two tries to join is not overwritten", async () => {
  await disconnect(page);
  await inClient(page, ({ liveSocket }) => liveSocket.connect(), undefined);
  await page.fill("#q", "paper");
  await expect.poll(() => page.inputValue("#q")).toBe("paper");
  await expect.poll(() => events.at(-1)?.["q"]).toBe("paper");
});
