import { afterEach, expect, test } from "vitest";
import { createLiveServer, html, live, liveView, type Listening } from "../index.ts";

const counter = liveView<{ count: number }>({
  name: "counter",
  mount: (socket) => socket.assign({ count: 0 }),
  handleEvent: { increment: (socket) => socket.assign({ count: socket.assigns.count + 1 }) },
  render: ({ count }) =>
    html`<p class="count">${count}</p><button phx-click="increment">Increment</button>`,
});

let listening: Listening | undefined;
afterEach(async () => {
  await listening?.close();
  listening = undefined;
});

test("a server answers a page load with the view in its container", async () => {
  const server = createLiveServer({ routes: [live("/", counter)], secret: "s".repeat(32) });
  listening = await server.listen({ port: 0, handleSignals: false });
  const response = await fetch(listening.url);
  expect(response.status).toBe(200);
  const text = await response.text();
  expect(text).toMatch(/<div id="phx-[\w-]+" data-phx-main data-phx-session="[\w.-]+"/);
  expect(text).toContain('<p class="count">0</p>');
  expect(response.headers.get("set-cookie")).toMatch(/^_live_view_session_[0-9a-f]{8}=/);
  expect((await fetch(`${listening.url}/nowhere`)).status).toBe(404);
  expect((await fetch(listening.url, { method: "POST" })).status).toBe(405);
});
