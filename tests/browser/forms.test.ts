import { afterAll, beforeAll, expect, test } from "vitest";
import { html, live, liveView } from "@live-stash/live-view";
import { connected, startBrowserLab, untilText, type BrowserLab } from "./browser-lab.ts";

const FIELDS = 3_000;

const table = liveView<{ filled: number; rows: number; unused: number }>({
  name: "table",
  mount: (socket) => socket.assign({ filled: 0, rows: 0, unused: 0 }),
  handleEvent: {
    change(socket, { rows }) {
      const fields = Object.entries(rows as Record<string, { a: string }>);
      socket.assign({
        rows: fields.length,
        filled: fields.filter(([, { a }]) => a !== "").length,
        unused: fields.filter(([, row]) => "_unused_a" in row).length,
      });
    },
  },
  render: ({ rows, filled, unused }) => html`
    <output>${rows} rows, ${filled} filled, ${unused} untouched</output>
    <form phx-change="change">
      ${Array.from({ length: FIELDS }, (_, row) => html`<input name="rows[${row}][a]" />`)}
    </form>
  `,
});

const search = liveView<{ text: string }>({
  name: "search",
  mount: (socket) => socket.assign({ text: "" }),
  handleParams: (socket, params) => socket.assign({ text: JSON.stringify(params) }),
  render: ({ text }) => html`
    <output>${text}</output>
    <form action="/search" method="get">
      <input type="checkbox" name="color[]" value="red" checked />
      <input type="checkbox" name="color[]" value="blue" checked />
      <input name="price[min]" value="1" />
      <button>Search</button>
    </form>
  `,
});

const deepName = `a${"[b]".repeat(100)}`;
const deep = liveView<{ seen: number }>({
  name: "deep",
  mount: (socket) => socket.assign({ seen: 0 }),
  handleEvent: { change: (socket) => socket.assign({ seen: socket.assigns.seen + 1 }) },
  render: ({ seen }) =>
    html`<output>${seen}</output>
      <form phx-change="change"><input id="deep" name="${deepName}" /></form>`,
});

interface ErrorStateWindow {
  errorState: Promise<void>;
}

let lab: BrowserLab;
beforeAll(async () => {
  lab = await startBrowserLab({
    routes: [live("/", table), live("/search", search), live("/deep", deep)],
  });
});
afterAll(() => lab.close());

test("a form of 3,000 fields arrives whole from Chromium, with its untouched fields", async () => {
  const person = await lab.newPerson();
  const page = await person.newPage();
  await page.goto("/");
  await connected(page);
  await page.locator(`[name="rows[${FIELDS - 1}][a]"]`).fill("x");
  await untilText(page, "output", `${FIELDS} rows, 1 filled, ${FIELDS - 1} untouched`);
  expect(lab.serverErrors).toEqual([]);
  await person.close();
});

test("a form with method get leads to the same values, over HTTP and at the join", async () => {
  const person = await lab.newPerson();
  const page = await person.newPage();
  await page.goto("/search");
  await page.getByRole("button").click();
  await page.waitForURL("**/search?*");
  const expected = '{"color":["red","blue"],"price":{"min":"1"}}';
  await untilText(page, "output", expected);
  await connected(page);
  expect(await page.textContent("output")).toBe(expected);
  await person.close();
});

test("a form that is not decoded puts the page into its error state, and the log says why", async () => {
  const person = await lab.newPerson();
  const page = await person.newPage();
  await page.goto("/deep");
  await connected(page);
  const errors = lab.serverErrors.length;
  await page.evaluate(() => {
    const main = document.querySelector("[data-phx-main]");
    const seen = new Promise<void>((resolve) => {
      new MutationObserver(() => {
        if (main?.classList.contains("phx-error") === true) resolve();
      }).observe(main ?? document, { attributes: true });
    });
    (window as unknown as ErrorStateWindow).errorState = seen;
  });
  await page.locator("#deep").fill("x");
  await page.evaluate(() => (window as unknown as ErrorStateWindow).errorState);
  expect(lab.serverErrors[errors]).toMatchObject({
    code: "form_too_large",
    message: expect.stringContaining("expected names nested at most 64 levels deep") as string,
  });
  expect(await page.textContent("output")).toBe("0");
  await person.close();
});
