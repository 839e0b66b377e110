import { expect, test } from "vitest";
import { html, js, live, liveView } from "../src/index.ts";
import { reportingClient } from "./reporting-client.ts";

const totals = liveView<{ refused: number; id: unknown }>({
  name: "totals",
  mount: (socket) => socket.assign({ refused: 0, id: 1 }),
  handleEvent: {
    crash: (socket) => socket.pushEvent("saved", { cart: [{ total: 5n }] }),
    answer: (socket) => socket.reply({ users: new Map([["a", 1]]) }),
    command: (socket) => socket.assign({ id: 5n }),
    careful(socket) {
      socket.pushEvent("before", { total: 1 });
      try {
        socket.pushEvent("saved", { total: 5n });
      } catch {
        socket.assign({ refused: socket.assigns.refused + 1 });
      }
      socket.reply({ ok: true });
    },
  },
  render: ({ refused, id }) =>
    html`<p>${refused}</p>
      <button phx-click=${js.push("add", { value: { id } })}>Add</button>`,
});

test.each([
  ["crash", 'socket.pushEvent("saved")', "found a bigint", "payload.cart[0].total"],
  ["answer", "socket.reply(…)", "found an instance of Map", "payload.users"],
  ["command", 'js.push("add")', "found a bigint", "`value.id`"],
])(
  "the log of the view that crashed in %s names the call and the path",
  async (event, ...named) => {
    const { client, errors } = reportingClient({ routes: [live("/", totals)] });
    const page = await client.visit("/");
    await page.pushEvent(event);
    expect(page.crashed).toBe(true);
    expect(errors).toHaveLength(1);
    const [error] = errors as [Error];
    expect(error).toMatchObject({ code: "invalid_value" });
    for (const text of named) expect(error.message).toContain(text);
  },
);

test("a handler that catches the error continues, and everything else that it sends arrives", async () => {
  const { client, errors } = reportingClient({ routes: [live("/", totals)] });
  const page = await client.visit("/");
  const { response } = await page.pushEvent("careful");
  expect(response).toMatchObject({ diff: { r: { ok: true }, e: [["before", { total: 1 }]] } });
  expect(page.text("p")).toBe("1");
  expect(errors).toEqual([]);
});
