import { html, liveView, type LiveView } from "@live-stash/live-view";
import { recoverState, resetStash, stash, type RecoverResult, type StashResult } from "live-stash";
import type { StashAdapter } from "live-stash/adapter";
import type { Showcase } from "../showcase.ts";
import { pageTtlStash } from "./page-ttl-stash.ts";

interface Assigns {
  count: number;
  recovery: RecoverResult;
  /** The result of the last `stash()`; `undefined` before the first. */
  stashed: StashResult["status"] | undefined;
}

const DEFAULT_TTL_MS = 1000;

/**
 * Creates a plain page for tests of one adapter, at `/test/counter/<adapter>`. Its TTL is one second, or
 * `?ttlMs=`. In a cluster the page names its node.
 */
export function testCounter(
  adapterName: string,
  adapter: StashAdapter,
  { node, timeoutMs }: Partial<Pick<Showcase, "node" | "timeoutMs">> = {},
): LiveView {
  const timeout = timeoutMs === undefined ? {} : { timeoutMs };
  return liveView<Assigns>({
    name: `test-counter-${adapterName}`,
    use: [pageTtlStash({ storedKeys: ["count"], adapter, ttlMs: DEFAULT_TTL_MS, ...timeout })],
    async mount(socket) {
      socket.setTitle("Counter");
      socket.assign({ count: 0, stashed: undefined });
      socket.assign({ recovery: await recoverState(socket) });
    },
    handleEvent: {
      async add(socket, { amount }) {
        socket.assign({ count: socket.assigns.count + Number(amount) });
        const { status } = await stash(socket);
        socket.assign({ stashed: status });
      },
      reset: (socket) => resetStash(socket),
    },
    render: ({ count, recovery, stashed }) => html`<main>
      <h1>Counter</h1>
      <p>Count: <output class="stat-value">${count}</output></p>
      <p>Status: <span class="status">${recovery.status}</span></p>
      ${"reason" in recovery && html`<p>Reason: <span class="reason">${recovery.reason}</span></p>`}
      ${stashed !== undefined && html`<p>Last stash: <span class="stashed">${stashed}</span></p>`}
      ${node !== undefined && html`<p>Node: <span class="node">${node}</span></p>`}
      <button phx-click="add" phx-value-amount="1">Increment</button>
      <button phx-click="add" phx-value-amount="-1">Decrement</button>
      <button phx-click="add" phx-value-amount="0">Add Zero</button>
      <button phx-click="reset">Reset Stash</button>
    </main>`,
  });
}
