import { describe, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { html, keyed, live, liveView, withSchema } from "../src/index.ts";
import { reportingClient } from "./reporting-client.ts";
import { counter } from "./test-server.ts";

describe("a view", () => {
  test("is mounted twice: for the first render, and when its socket joins", async () => {
    const mounts: boolean[] = [];
    const view = liveView<object>({
      name: "v",
      mount: (socket) => void mounts.push(socket.connected),
      render: (_, { connected }) => html`<p>${connected ? "live" : "dead"}</p>`,
    });
    const { client } = reportingClient({ routes: [live("/", view)] });
    const page = await client.visit("/", { connect: false });
    expect(page.text("p")).toBe("dead");
    await page.connect();
    expect(page.text("p")).toBe("live");
    expect(mounts).toEqual([false, true]);
  });

  test("answers an event with its changes alone, and with an empty reply if nothing changed", async () => {
    const { client } = reportingClient({ routes: [live("/", counter)] });
    const page = await client.visit("/");
    expect(await page.click("button")).toEqual({ status: "ok", response: { diff: { "0": "1" } } });
    expect(page.text(".count")).toBe("1");
    expect(await page.pushEvent("nothing")).toEqual({ status: "ok", response: {} });
  });

  test("shows an object that was changed in place and assigned again", async () => {
    const view = liveView<{ items: string[] }>({
      name: "v",
      mount: (socket) => socket.assign({ items: ["a"] }),
      handleEvent: {
        add(socket) {
          socket.assigns.items.push("b");
          socket.assign({ items: socket.assigns.items });
        },
      },
      render: ({ items }) =>
        html`<ul>
          ${keyed(
            items,
            (item) => item,
            (item) => html`<li>${item}</li>`,
          )}
        </ul>`,
    });
    const { client } = reportingClient({ routes: [live("/", view)] });
    const page = await client.visit("/");
    await page.pushEvent("add");
    expect(page.html).toContain("<li>a</li><li>b</li>");
  });

  test("receives forms decoded, and typed and checked by a schema", async () => {
    const view = liveView<{ total: number }>({
      name: "v",
      mount: (socket) => socket.assign({ total: 0 }),
      handleEvent: {
        add: withSchema(z.object({ amount: z.coerce.number() }), (socket, { amount }) => {
          expectTypeOf(amount).toEqualTypeOf<number>();
          socket.assign({ total: socket.assigns.total + amount });
        }),
      },
      render: ({ total }) =>
        html`<form phx-submit="add"><input name="amount" value="2" /></form>
          <p>${total}</p>`,
    });
    const { client, errors } = reportingClient({ routes: [live("/", view)] });
    const page = await client.visit("/");
    await page.submit("form");
    await page.submit("form", { amount: "40" });
    expect(page.text("p")).toBe("42");
    await expect(page.submit("form", { amuont: "1" })).rejects.toThrow(
      'of the form (amount), found "amuont"',
    );
    await page.submit("form", { amount: "many" });
    expect(page.crashed).toBe(true);
    expect(errors).toEqual([expect.objectContaining({ code: "invalid_event_value" })]);
  });

  test("sends pushed events, the title and the reply to a hook with the diff", async () => {
    const view = liveView<{ n: number }>({
      name: "v",
      mount(socket) {
        socket.assign({ n: 0 });
        socket.setTitle("First");
      },
      handleEvent: {
        go(socket, value) {
          socket.assign({ n: 1 });
          socket.setTitle("Second");
          socket.pushEvent("saved", { id: 7 });
          socket.pushEvent("before", {}, { beforePatch: true });
          socket.reply({ got: value });
        },
      },
      render: ({ n }) => html`<p>${n}</p>`,
    });
    const { client } = reportingClient({ routes: [live("/", view)] });
    const page = await client.visit("/");
    expect(page.document).toContain("<title>First</title>");
    const { response } = await page.pushEvent("go", { q: 1 });
    expect(response.diff).toEqual({
      "0": "1",
      t: "Second",
      e: [
        ["saved", { id: 7 }],
        ["before", {}, true],
      ],
      r: { got: { q: 1 } },
    });
    expect(page.title).toBe("Second");
    expect(page.events.map(({ name }) => name)).toEqual(["saved", "before"]);
  });
});
