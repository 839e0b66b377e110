import { equal } from "node:assert/strict";
import {
  createMemoryAdapter,
  type LateRecoverResult,
  liveStash,
  type LiveStashOptions,
  type MemoryAdapter,
  recoverState,
  stash,
} from "../src/index.ts";
import { FakePage, SECRET, TestClock } from "./fake-page.ts";
import { UnreliableAdapter } from "./unreliable-adapter.ts";

interface Assigns {
  count: number;
}

export const TTL_MS = 60_000;

/** A memory store that refuses loads and saves while it is down, and pages whose views use it. */
export class FailingStore {
  readonly clock = new TestClock();
  memory: MemoryAdapter = createMemoryAdapter({ clock: this.clock });
  adapter = new UnreliableAdapter(this.memory);
  isDown = false;
  /** The codes of the errors that were passed to `onError`. */
  readonly errorCodes: string[] = [];
  /** The results that were passed to `onLateRecovery`. */
  readonly lateResults: LateRecoverResult[] = [];

  constructor() {
    const { load, save } = this.adapter;
    this.adapter.load = (request) => {
      if (this.isDown) this.adapter.failNext("load", new Error("connection refused"));
      return load(request);
    };
    this.adapter.save = (request) => {
      if (this.isDown) this.adapter.failNext("save", new Error("connection refused"));
      return save(request);
    };
  }

  page(options: Partial<LiveStashOptions<Assigns>> = {}): FakePage<Assigns> {
    const hook = liveStash<Assigns>({
      storedKeys: ["count"],
      adapter: this.adapter,
      secret: SECRET,
      ttlMs: TTL_MS,
      timeoutMs: 50,
      recoverWithinMs: 60,
      clock: this.clock,
      onError: ({ code }) => this.errorCodes.push(code),
      onLateRecovery: (_socket, result) => this.lateResults.push(result),
      ...options,
    });
    return new FakePage(hook, () => ({ count: 0 }));
  }

  /** A page that stashed a count of 5 and lost its connection. */
  async pageWithFive(options?: Partial<LiveStashOptions<Assigns>>): Promise<FakePage<Assigns>> {
    const tab = this.page(options);
    const view = tab.join();
    await recoverState(view);
    view.assign({ count: 5 });
    equal((await stash(view)).status, "saved");
    await tab.end(view);
    return tab;
  }

  /** Asserts that the page recovers a count of 5 once the store is up. */
  async expectFive(tab: FakePage<Assigns>): Promise<void> {
    this.isDown = false;
    const view = tab.join();
    equal((await recoverState(view)).status, "recovered");
    equal(view.assigns.count, 5);
  }
}

/** Resolves when work in the background has had its effect. */
export async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5));
}
