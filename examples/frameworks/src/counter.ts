import { createLiveServer, html, live, liveView, type LiveServer } from "@live-stash/live-view";
import { createMemoryAdapter, liveStash, recoverState, stash } from "live-stash";

const counter = liveView<{ count: number }>({
  name: "counter",
  use: [liveStash({ storedKeys: ["count"], adapter: createMemoryAdapter() })],
  async mount(socket) {
    socket.assign({ count: 0 });
    await recoverState(socket);
  },
  handleEvent: {
    async increment(socket) {
      socket.assign({ count: socket.assigns.count + 1 });
      await stash(socket);
    },
  },
  render: ({ count }) =>
    html`<h1>Counter</h1>
      <p id="count">${count}</p>
      <button phx-click="increment">Increment</button>`,
});

/** Creates the views, which are the same for every framework. Their layout loads `/assets/app.js`. */
export function createCounterServer(): LiveServer {
  return createLiveServer({ routes: [live("/counter", counter)] });
}
