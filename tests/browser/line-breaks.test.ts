import { afterAll, beforeAll, expect, test } from "vitest";
import type { Page } from "playwright-core";
import { html, keyed, live, liveView, type Template } from "@live-stash/live-view";
import { connected, startBrowserLab, type BrowserLab } from "./browser-lab.ts";

// Another name, so that formatters do not change the white space of these templates.
const plain = html;

/** Values to show in sequence: each is rendered first, and is a diff to each other. */
const VALUES = [
  ["\nfirst", "\nsecond"],
  ["", "\nsecond"],
  ["", ""],
  ["\r\nCRLF\r\n", "\rCR\r"],
  ["\n\n\n", "\n"],
  ["a\tb", "\n"],
  ["\n", ""],
] as const;

/** The elements by id, and the expected text of each. */
const ELEMENTS: readonly {
  readonly id: string;
  readonly render: (a: string, b: string) => Template;
  readonly text: (a: string, b: string) => string;
}[] = [
  {
    id: "pre",
    render: (a, b) => plain`<pre id="pre">${a}${b}</pre>`,
    text: (a, b) => a + b,
  },
  {
    id: "listing",
    render: (a, b) => plain`<listing id="listing">${[a, b]}</listing>`,
    text: (a, b) => a + b,
  },
  {
    id: "nested",
    render: (a, b) => plain`<pre id="nested">${plain`${a}`}${a !== "" && plain`\n${b}`}</pre>`,
    text: (a, b) => (a === "" ? "" : `${a}\n${b}`),
  },
  {
    id: "list",
    render: (a, b) =>
      plain`<pre id="list">${keyed(
        [a, b].filter((value) => value !== ""),
        (_, index) => index,
        (value) => plain`${value}`,
      )}</pre>`,
    text: (a, b) => a + b,
  },
  {
    id: "static",
    render: (a, b) => plain`<pre id="static">\n${a}|\n${b}</pre>`,
    text: (a, b) => `${a}|\n${b}`,
  },
];

const view = liveView<{ step: number }>({
  name: "line-breaks",
  mount: (socket, { step }) => socket.assign({ step: Number(step) }),
  handleEvent: {
    next: (socket) => socket.assign({ step: (socket.assigns.step + 1) % VALUES.length }),
  },
  render({ step }) {
    const [a, b] = VALUES[step] ?? ["", ""];
    return html`<output>${step}</output> <button phx-click="next">Next</button>
      <input id="input" title=${a} />
      ${plain`<textarea>${a}${b}</textarea>`}
      ${ELEMENTS.map(({ render }) => render(a, b))}`;
  },
});

let lab: BrowserLab;
beforeAll(async () => {
  lab = await startBrowserLab({ routes: [live("/:step", view)] });
});
afterAll(() => lab.close());

async function expectShown(page: Page, step: number): Promise<void> {
  const [a, b] = VALUES[step] ?? ["", ""];
  const shown = await page.evaluate(
    (ids) =>
      Object.fromEntries(ids.map((id) => [id, document.getElementById(id)?.textContent ?? null])),
    ELEMENTS.map(({ id }) => id),
  );
  expect(shown).toEqual(Object.fromEntries(ELEMENTS.map(({ id, text }) => [id, text(a, b)])));
  expect(await page.locator("#input").getAttribute("title")).toBe(a);
  // A browser turns each line break in a field into LF.
  expect(await page.locator("textarea").inputValue()).toBe((a + b).replaceAll(/\r\n?/g, "\n"));
}

test("Chromium shows every line break of a first render", async () => {
  const person = await lab.newPerson();
  await person.route("**/assets/app.js", (route) => route.abort());
  const page = await person.newPage();
  for (const step of VALUES.keys()) {
    await page.goto(`/${step}`);
    await expectShown(page, step);
  }
  await person.close();
});

test("Chromium shows every line break after a join and after each diff", async () => {
  const person = await lab.newPerson();
  const page = await person.newPage();
  await page.goto("/0");
  await connected(page);
  await expectShown(page, 0);
  for (let count = 1; count <= VALUES.length; count += 1) {
    const step = count % VALUES.length;
    await page.click("button");
    await page.waitForFunction(
      (wanted) => document.querySelector("output")?.textContent === String(wanted),
      step,
    );
    await expectShown(page, step);
  }
  await person.close();
});
