import {
  createMemoryAdapter,
  liveStash,
  type LiveStashOptions,
  type MemoryAdapter,
  stash,
  type StashError,
  type StashErrorContext,
  type StashHook,
} from "../src/index.ts";
import { FakePage, SECRET, TestClock } from "./fake-page.ts";
import { UnreliableAdapter } from "./unreliable-adapter.ts";

/** The assigns of pages with a counter. */
export interface Assigns {
  count: number;
  cart?: { items: unknown[] };
  draft?: unknown;
}

export const TTL_MS = 60_000;

type Options = Partial<LiveStashOptions<Assigns>>;

/** Pages with a counter that is stashed in memory, with their clock and adapter. */
export interface CounterPages {
  readonly clock: TestClock;
  readonly memory: MemoryAdapter;
  /** The memory adapter, behind calls that can be made to fail or to wait. */
  readonly adapter: UnreliableAdapter;
  /** The calls of `onError`. */
  readonly errors: { readonly error: StashError; readonly context: StashErrorContext }[];
  readonly hook: (options?: Options) => StashHook<Assigns>;
  readonly page: (options?: Options) => FakePage<Assigns>;
  /** Creates a page whose first view has stashed a count and lost its connection. */
  readonly disconnectedPage: (count: number) => Promise<FakePage<Assigns>>;
}

export function createCounterPages(): CounterPages {
  const clock = new TestClock();
  const memory = createMemoryAdapter({ clock });
  const adapter = new UnreliableAdapter(memory);
  const errors: { error: StashError; context: StashErrorContext }[] = [];
  const hook = (options: Options = {}): StashHook<Assigns> =>
    liveStash<Assigns>({
      storedKeys: ["count", "cart"],
      adapter,
      secret: SECRET,
      ttlMs: TTL_MS,
      clock,
      onError: (error, context) => errors.push({ error, context }),
      ...options,
    });
  const page = (options?: Options): FakePage<Assigns> =>
    new FakePage(hook(options), () => ({ count: 0 }));
  return {
    clock,
    memory,
    adapter,
    errors,
    hook,
    page,
    async disconnectedPage(count) {
      const tab = page();
      const view = tab.join();
      view.assign({ count });
      await stash(view);
      await tab.end(view);
      adapter.calls.length = 0;
      return tab;
    },
  };
}
