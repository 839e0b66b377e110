import { html, liveView, type LiveView } from "@live-stash/live-view";
import {
  liveStash,
  recoverState,
  resetStash,
  stash,
  type RecoverResult,
  type StashResult,
} from "live-stash";
import type { StashAdapter } from "live-stash/adapter";

interface Assigns {
  count: number;
  recovered: RecoverResult;
}

/** A gate that a test opens for the code that waits for it. */
export interface Gate {
  readonly passed: Promise<void>;
  open(): void;
}

export function createGate(): Gate {
  let open = (): void => undefined;
  const passed = new Promise<void>((resolve) => (open = resolve));
  return { passed, open };
}

export interface StashedCounterOptions {
  readonly name: string;
  readonly adapter: StashAdapter;
  readonly ttlMs: number;
  readonly recoverAfterReload?: boolean;
  readonly clock: { now(): number };
  /** The event `slow` waits for this promise before it stashes. */
  readonly untilSlow?: () => Promise<void>;
  /** The outcome of each stash, in order. */
  readonly outcomes?: StashResult[];
}

/** Creates a counter that shows the results of its stash. */
export function stashedCounter(options: StashedCounterOptions): LiveView {
  const { name, adapter, ttlMs, recoverAfterReload = false, clock, untilSlow, outcomes } = options;
  return liveView<Assigns>({
    name,
    use: [liveStash({ storedKeys: ["count"], adapter, ttlMs, recoverAfterReload, clock })],
    async mount(socket) {
      socket.assign({ count: 0 });
      socket.assign({ recovered: await recoverState(socket) });
    },
    handleEvent: {
      async increment(socket) {
        socket.assign({ count: socket.assigns.count + 1 });
        const outcome = await stash(socket);
        outcomes?.push(outcome);
      },
      async slow(socket) {
        await untilSlow?.();
        socket.assign({ count: 1000 });
        const outcome = await stash(socket);
        outcomes?.push(outcome);
      },
      reset: (socket) => resetStash(socket),
      crash() {
        throw new Error("crashed on purpose");
      },
    },
    render: ({ count, recovered }) =>
      html`<h1>Counter</h1>
        <p id="count">${count}</p>
        <p id="status">${recovered.status}</p>
        <p id="reason">${"reason" in recovered && recovered.reason}</p>
        <button phx-click="increment">Increment</button>
        <button phx-click="slow">Slow</button>
        <button phx-click="reset">Reset</button>
        <button phx-click="crash">Crash</button>`,
  });
}
