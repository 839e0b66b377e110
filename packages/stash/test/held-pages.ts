import { expect, vi } from "vitest";
import {
  createBrowserHeldAdapter,
  liveStash,
  type LiveStashOptions,
  type SecurityMode,
  stash,
  type StashError,
  type StashErrorContext,
} from "../src/index.ts";
import { type FakeHost, FakePage, SECRET, TestClock } from "./fake-page.ts";

/** The assigns of pages whose state the browser holds. */
export interface Assigns {
  count: number;
  draft?: unknown;
}

export const TTL_MS = 60_000;
/** The interval of keep-alives. */
export const INTERVAL_MS = TTL_MS / 4;

type Options = Partial<LiveStashOptions<Assigns>>;

/** Pages whose state the browser holds. */
export interface HeldPages {
  readonly clock: TestClock;
  /** The calls of `onError`. */
  readonly errors: { readonly error: StashError; readonly context: StashErrorContext }[];
  /** Creates a page with an adapter of its own, as in a process of its own, unless options have one. */
  readonly page: (options?: Options, securityMode?: SecurityMode) => FakePage<Assigns>;
  /** Returns the same browser page, which comes back to another server. */
  readonly elsewhere: (
    tab: FakePage<Assigns>,
    options?: Options,
    securityMode?: SecurityMode,
  ) => FakePage<Assigns>;
  /** Lets time pass, also for timers, which must be fake ones. */
  readonly pass: (ms: number) => Promise<void>;
}

export function createHeldPages(): HeldPages {
  const clock = new TestClock();
  const errors: { error: StashError; context: StashErrorContext }[] = [];
  const page = (options: Options = {}, securityMode: SecurityMode = "encrypt") =>
    new FakePage<Assigns>(
      liveStash<Assigns>({
        storedKeys: ["count", "draft"],
        adapter: createBrowserHeldAdapter({ securityMode }),
        secret: SECRET,
        ttlMs: TTL_MS,
        clock,
        onError: (error, context) => errors.push({ error, context }),
        ...options,
      }),
      () => ({ count: 0 }),
    );
  return {
    clock,
    errors,
    page,
    elsewhere(tab, options, securityMode) {
      const other = page(options, securityMode);
      other.join();
      other.token = tab.token;
      return other;
    },
    async pass(ms) {
      clock.advance(ms);
      await vi.advanceTimersByTimeAsync(ms);
    },
  };
}

/** Returns a view that has stashed a count, and whose page has received the token. */
export async function stashed(tab: FakePage<Assigns>, count: number): Promise<FakeHost<Assigns>> {
  const view = tab.joinAsAnother();
  view.assign({ count });
  expect(await stash(view)).toMatchObject({ status: "saved" });
  tab.receive(view);
  return view;
}
