import { afterAll, beforeAll, expect, test } from "vitest";
import { html, live, liveView } from "@live-stash/live-view";
import { connected, startBrowserLab, untilText, type BrowserLab } from "./browser-lab.ts";

/** A message at the limit of 2,900 bytes of JSON, with all kinds of characters. */
const MESSAGE = `first line\n"ü\u{1F600}<b>&;=, ${"x".repeat(2_861)}`;

const from = liveView<object>({
  name: "from",
  mount(socket, { at }) {
    if (at !== "once") return;
    socket.putFlash("info", MESSAGE);
    socket.redirect("/to");
  },
  handleEvent: {
    redirect(socket) {
      socket.putFlash("info", MESSAGE);
      socket.redirect("/to");
    },
    navigate(socket) {
      socket.putFlash("info", MESSAGE);
      socket.pushNavigate("/to");
    },
  },
  render: () =>
    html`<button phx-click="redirect">Redirect</button>
      <button phx-click="navigate">Navigate</button>`,
});
const to = liveView<object>({
  name: "to",
  render: (_, { flash }) => html`<p id="info">${flash.info}</p>`,
});

let lab: BrowserLab;
beforeAll(async () => {
  lab = await startBrowserLab({ routes: [live("/from/:at", from), live("/to", to)] });
});
afterAll(() => lab.close());

test("the message of these tests is at the limit", () => {
  expect(Buffer.byteLength(JSON.stringify({ info: MESSAGE }))).toBe(2_900);
});

test.each(["Redirect", "Navigate"])(
  "the largest flash message arrives in Chromium with %s by an open page",
  async (name) => {
    const person = await lab.newPerson();
    const page = await person.newPage();
    await page.goto("/from/here");
    await connected(page);
    await page.getByRole("button", { name }).click();
    await page.waitForURL("**/to");
    await untilText(page, "#info", MESSAGE);
    // After a page load, the first render and the join show the same message.
    await connected(page);
    expect(await page.textContent("#info")).toBe(MESSAGE);
    await person.close();
  },
);

test("the largest flash message arrives in Chromium with a redirect of a first render", async () => {
  const person = await lab.newPerson();
  const page = await person.newPage();
  await page.goto("/from/once");
  await page.waitForURL("**/to");
  await connected(page);
  expect(await page.textContent("#info")).toBe(MESSAGE);
  expect(lab.serverErrors).toEqual([]);
  await person.close();
});
