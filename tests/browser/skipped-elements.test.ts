import { afterAll, beforeAll, expect, test } from "vitest";
import type { Page } from "playwright-core";
import { html, keyed, live, liveView, type Template } from "@live-stash/live-view";
import { inClient, openPage, startBrowserLab, untilText, type BrowserLab } from "./browser-lab.ts";

const ROWS = Array.from({ length: 2_000 }, (_, index) => index);

const table = (): Template => html`
  <table>
    <tbody>
      ${ROWS.map((row) => html`<tr><td>${row}</td><td>Row number ${row}</td></tr>`)}
    </tbody>
  </table>
`;

const large = liveView<{ count: number }>({
  name: "large",
  mount: (socket) => socket.assign({ count: 0 }),
  handleEvent: { next: (socket) => socket.assign({ count: socket.assigns.count + 1 }) },
  render: ({ count }) =>
    html`<output>${count}</output> <button phx-click="next">Next</button> ${table()}`,
});

const cell = (text: string | number): Template => html`<td title="a > b">${text}</td>`;
const badge = (text: string): Template =>
  html`<!-- a badge --> <b id="${`badge-${text}`}">${text}</b>`;
const bar = (height: number): Template =>
  html`<g><rect width="1" height=${height} /><title>${height}</title></g>`;
const field = (value: string): Template => html`<input id="field" name="field" value=${value} />`;
const card = (content: Template | string): Template => html`<p>${content}</p>`;

/** The states of a page, one after the other: each is a first render, and a diff to the next. */
const STEPS = [
  { keys: "abcd", cell: 1, bars: [1, 2, 3], field: "x", block: true },
  { keys: "abcd", cell: 2, bars: [1, 2, 3], field: "x", block: true },
  { keys: "dcba", cell: 2, bars: [3, 2, 3], field: "y", block: true },
  { keys: "dxa", cell: 2, bars: [3], field: "y", block: false },
  { keys: "", cell: 3, bars: [], field: "y", block: false },
  { keys: "abxyd", cell: 3, bars: [3, 1], field: "x", block: true },
  { keys: "yabd", cell: 3, bars: [3, 1], field: "x", block: true },
] as const;

const mixed = liveView<{ step: number }>({
  name: "mixed",
  mount: (socket, { step }) => socket.assign({ step: Number(step) }),
  handleEvent: {
    next: (socket) => socket.assign({ step: (socket.assigns.step + 1) % STEPS.length }),
  },
  render({ step }) {
    const { keys, cell: value, bars, field: text, block } = STEPS[step] ?? STEPS[0];
    return html`<output>${step}</output> <button phx-click="next">Next</button>
      ${html`<section>
        ${html`<table>${[0, value].map((row) => html`<tr>${cell("still")}${cell(row)}</tr>`)}</table>`}
        ${field(text)} ${badge("still")} ${keys.length > 3 && badge(keys)}
      </section>`}
      ${html`<ul>
        ${keyed(
          keys.split(""),
          (key) => key,
          (key) => html`<li>${badge(key)} ${html`<i>${key}</i>`} ${value}</li>`,
        )}
      </ul>`}
      ${html`<svg viewBox="0 0 1 1">${bars.map((height) => html`${bar(height)}`)}</svg>`}
      ${card(block ? html`<div>a block ends a paragraph</div>` : "text")}
      ${html`<b>two</b> <i>elements ${value}</i>`}`;
  },
});

let lab: BrowserLab;
beforeAll(async () => {
  lab = await startBrowserLab({ routes: [live("/large", large), live("/mixed/:step", mixed)] });
});
afterAll(() => lab.close());

test("a change beside a template of 2,000 rows that is one element compares none of them", async () => {
  const person = await lab.newPerson();
  const { page, complaints } = await openPage(person, "/large");
  const before = await inClient(page, ({ compared }) => compared.count, undefined);
  await page.click("button");
  await untilText(page, "output", "1");
  const after = await inClient(page, ({ compared }) => compared.count, undefined);
  expect(before).toBeGreaterThan(2_000);
  expect(after - before).toBeLessThan(10);
  expect(await page.locator("tr").count()).toBe(2_000);
  expect(await page.locator("tr").last().textContent()).toBe("1999Row number 1999");
  expect(complaints).toEqual([]);
  await person.close();
});

/** Whether the page shows what the server prints for this step at first, but for the client's marks. */
function showsFirstRender(page: Page, step: number): Promise<boolean> {
  return page.evaluate(async (path) => {
    const response = await fetch(path);
    const parsed = new DOMParser().parseFromString(await response.text(), "text/html");
    const content = (from: Document): Element => {
      const copy = document.createElement("main");
      copy.innerHTML = from.querySelector("[data-phx-main]")?.innerHTML ?? "";
      for (const marked of copy.querySelectorAll("[data-phx-id]")) {
        marked.removeAttribute("data-phx-id");
      }
      copy.normalize();
      return copy;
    };
    return content(document).isEqualNode(content(parsed));
  }, `/mixed/${step}`);
}

test("Chromium shows each full render after diffs that skip what did not change", async () => {
  const person = await lab.newPerson();
  const { page, complaints } = await openPage(person, "/mixed/0");
  expect(await showsFirstRender(page, 0)).toBe(true);
  for (let count = 1; count <= 2 * STEPS.length; count += 1) {
    const step = count % STEPS.length;
    await page.click("button");
    await untilText(page, "output", String(step));
    expect([step, await showsFirstRender(page, step)]).toEqual([step, true]);
  }
  expect(complaints).toEqual([]);
  await person.close();
});
