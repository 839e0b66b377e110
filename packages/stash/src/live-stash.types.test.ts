import { describe, expect, expectTypeOf, it } from "vitest";
import { SECRET } from "../test/fake-page.ts";
import {
  createMemoryAdapter,
  liveStash,
  type RecoverResult,
  recoverState,
  resetStash,
  type ResetResult,
  stash,
  StashError,
  type StashResult,
} from "./index.ts";
import type { HostEndReason } from "./entries/host.ts";

type MaybePromise<T> = T | Promise<T>;

/** As a host declares its socket and its hooks; the LiveView runtime does. */
interface Socket<Assigns extends object> {
  readonly id: string;
  readonly view: { readonly name: string };
  readonly connected: boolean;
  readonly connectParams: Readonly<Record<string, unknown>>;
  readonly session: { readonly id: string; readonly [key: string]: unknown };
  readonly assigns: Readonly<Assigns>;
  assign(values: Partial<Assigns>): void;
  pushEvent(name: string, payload: object): void;
  waitUntil(promise: Promise<unknown>): void;
}

interface ViewHook<in Assigns extends object> {
  readonly name: string;
  onMount?(socket: Socket<Assigns>): MaybePromise<void>;
  afterRender?(socket: Socket<Assigns>): MaybePromise<void>;
  onTerminate?(socket: Socket<Assigns>, reason: HostEndReason): MaybePromise<void>;
}

interface ViewDefinition<Assigns extends object> {
  readonly use?: readonly ViewHook<Assigns>[];
  mount?(socket: Socket<Assigns>): MaybePromise<void>;
  render(assigns: Readonly<Assigns>): unknown;
}

function liveView<Assigns extends object>(definition: ViewDefinition<Assigns>): unknown {
  return definition;
}

const adapter = createMemoryAdapter();
const secret = SECRET;

describe("types", () => {
  it("check the stored keys against the assigns of the view", () => {
    liveView<{ count: number; name: string }>({
      use: [liveStash({ storedKeys: ["count"], adapter, secret })],
      render: ({ count }) => count,
    });
    liveView<{ count: number }>({
      // @ts-expect-error: there is no such assign
      use: [liveStash({ storedKeys: ["cuont"], adapter, secret })],
      render: ({ count }) => count,
    });
    liveView<{ count: number }>({
      // @ts-expect-error: one of them is wrong
      use: [liveStash({ storedKeys: ["count", "cuont"], adapter, secret })],
      render: ({ count }) => count,
    });
    // @ts-expect-error: also where the assigns are named at the call
    liveStash<{ count: number }>({ storedKeys: ["cuont"], adapter, secret });
  });

  it("allow a hook to be created apart from its view", () => {
    const hook = liveStash<{ count: number }>({ storedKeys: ["count"], adapter, secret });
    liveView<{ count: number; name: string }>({ use: [hook], render: ({ name }) => name });
    liveView<{ name: string }>({
      // @ts-expect-error: the view lacks what the hook stores
      use: [hook],
      render: ({ name }) => name,
    });
  });

  it("refuse wrong options", () => {
    const wrong: readonly (() => unknown)[] = [
      // @ts-expect-error: no adapter
      () => liveStash<{ count: number }>({ storedKeys: ["count"] }),
      // @ts-expect-error: not a number of ms
      () => liveStash<{ count: number }>({ storedKeys: ["count"], adapter, ttlMs: "5 minutes" }),
      // @ts-expect-error: no such option
      () => liveStash<{ count: number }>({ storedKeys: ["count"], adapter, ttl: 300 }),
    ];
    for (const call of wrong) expect(call).toThrow(StashError);
  });

  it("accept the socket of any view", () => {
    type Handler = (socket: Socket<{ count: number }>) => Promise<unknown>;
    expectTypeOf(stash).toExtend<Handler>();
    expectTypeOf(recoverState).toExtend<Handler>();
    expectTypeOf(resetStash).toExtend<Handler>();
    expectTypeOf(stash).returns.resolves.toEqualTypeOf<StashResult>();
    expectTypeOf(recoverState).returns.resolves.toEqualTypeOf<RecoverResult>();
    expectTypeOf(resetStash).returns.resolves.toEqualTypeOf<ResetResult>();
  });
});
