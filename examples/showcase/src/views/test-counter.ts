import { html, liveView, type LiveView } from "@live-stash/live-view";
import { recoverState, resetStash, stash, type StashAdapter } from "live-stash";
import { pageTtlStash } from "./page-ttl-stash.ts";

interface Assigns {
  count: number;
  status: string;
}

const DEFAULT_TTL_MS = 1000;

/**
 * A plain page for tests of one adapter, at `/test/counter/<adapter>`: TTL one second, or `?ttlMs=`.
 * In a cluster it says which node it is on.
 */
export function testCounter(adapterName: string, adapter: StashAdapter, node?: string): LiveView {
  return liveView<Assigns>({
    name: `test-counter-${adapterName}`,
    use: [pageTtlStash({ storedKeys: ["count"], adapter, ttlMs: DEFAULT_TTL_MS })],
    async mount(socket) {
      socket.setTitle("Counter");
      socket.assign({ count: 0 });
      const { status } = await recoverState(socket);
      socket.assign({ status });
    },
    handleEvent: {
      async add(socket, { amount }) {
        socket.assign({ count: socket.assigns.count + Number(amount) });
        await stash(socket);
      },
      reset: (socket) => resetStash(socket),
    },
    render: ({ count, status }) => html`<main>
      <h1>Counter</h1>
      <p>Count: <output class="stat-value">${count}</output></p>
      <p>Status: <span class="status">${status}</span></p>
      ${node !== undefined && html`<p>Node: <span class="node">${node}</span></p>`}
      <button phx-click="add" phx-value-amount="1">Increment</button>
      <button phx-click="add" phx-value-amount="-1">Decrement</button>
      <button phx-click="add" phx-value-amount="0">Add Zero</button>
      <button phx-click="reset">Reset Stash</button>
    </main>`,
  });
}
