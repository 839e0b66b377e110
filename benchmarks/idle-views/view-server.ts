import { createLiveServer, html, live, liveView } from "@live-stash/live-view";
import { createMemoryAdapter, liveStash, recoverState } from "live-stash";
import { reportMemoryOn } from "./report-memory.ts";

interface Assigns {
  count: number;
  name: string;
}

const secret = "a secret for benchmarks, of at least 32 characters";

// A small page that could stash, connected and idle.
const page = liveView<Assigns>({
  name: "page",
  use: [liveStash({ storedKeys: ["count"], adapter: createMemoryAdapter(), secret })],
  async mount(socket) {
    socket.assign({ count: 0, name: "Ada" });
    await recoverState(socket);
  },
  handleEvent: { increment: (socket) => socket.assign({ count: socket.assigns.count + 1 }) },
  render: ({ count, name }) =>
    html`<main>
      <h1>Hello ${name}</h1>
      <p>Count: <output>${count}</output></p>
      <p>${count > 10 && html`<b>That is a lot.</b>`}</p>
      <button phx-click="increment">Increment</button>
    </main>`,
});

const server = createLiveServer({
  routes: [live("/", page)],
  secret,
  limits: { maxSockets: 20_000 },
});
const { port } = await server.listen({ port: 0 });
reportMemoryOn(port);
