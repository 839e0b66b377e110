import { html, liveView, type LiveView } from "@live-stash/live-view";
import {
  liveStash,
  recoverState,
  resetStash,
  stash,
  type RecoverResult,
  type StashAdapter,
} from "live-stash";

interface Assigns {
  count: number;
  status: RecoverResult["status"];
}

const DEFAULT_TTL_MS = 1000;

/** A plain page for tests of one adapter, at `/test/counter/<adapter>`: TTL one second. */
export function testCounter(
  adapterName: string,
  adapter: StashAdapter,
  ttlMs = DEFAULT_TTL_MS,
): LiveView {
  return liveView<Assigns>({
    name: `test-counter-${adapterName}-${ttlMs}`,
    use: [liveStash({ storedKeys: ["count"], adapter, ttlMs })],
    async mount(socket) {
      socket.setTitle("Counter");
      const { status } = await recoverState(socket);
      socket.assign({ status });
      if (status !== "recovered") socket.assign({ count: 0 });
    },
    handleEvent: {
      async add(socket, { amount }) {
        socket.assign({ count: socket.assigns.count + Number(amount) });
        await stash(socket);
      },
      async reset(socket) {
        await resetStash(socket);
      },
    },
    render: ({ count, status }) =>
      html`<main>
        <h1>Counter</h1>
        <p>Count: <output class="stat-value">${count}</output></p>
        <p>Status: <span class="status">${status}</span></p>
        <button phx-click="add" phx-value-amount="1">Increment</button>
        <button phx-click="add" phx-value-amount="-1">Decrement</button>
        <button phx-click="add" phx-value-amount="0">Add Zero</button>
        <button phx-click="reset">Reset Stash</button>
      </main>`,
  });
}
