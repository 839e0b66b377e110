import { inspect } from "node:util";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import {
  createBrowserHeldAdapter,
  createMemoryAdapter,
  liveStash,
  type LiveStashOptions,
  recoverState,
  type RecoverResult,
  stash,
} from "../src/index.ts";
import type { StashAdapter } from "../src/adapter.ts";
import { HELD_PARAM } from "../src/host.ts";
import { FakeHost, FakePage, SECRET, TestClock } from "./fake-page.ts";
import { mutation } from "./mutations.ts";
import { settledHeapBytes } from "./settled-heap.ts";

/** Few in a usual run; `LIVE_STASH_LONG=1` makes it a hundred thousand in all for each adapter, and more. */
const isLong = process.env["LIVE_STASH_LONG"] === "1";
const RUNS = isLong ? 110_000 : 2_000;
const TIMEOUT_MS = isLong ? 1_800_000 : 60_000;
/** What a hundred thousand cases may leave behind: less than a byte for each. */
const MAX_GROWTH_BYTES = 8_388_608;

const CANARY = "canary-of-the-state-4b1d";
const OTHER_SECRET = "the secret of another application, or of a thief";

interface Assigns {
  count: number;
  note?: string;
}

const memory = createMemoryAdapter();
const adapters: [string, StashAdapter][] = [
  ["memory", memory],
  ["browser-held, encrypted", createBrowserHeldAdapter({ securityMode: "encrypt" })],
  ["browser-held, signed", createBrowserHeldAdapter({ securityMode: "sign" })],
];

const clock = new TestClock();
let told: unknown[] = [];

beforeAll(() => {
  for (const method of ["error", "warn", "log", "info"] as const) {
    vi.spyOn(console, method).mockImplementation((...words) => void told.push(...words));
  }
});

afterAll(() => vi.restoreAllMocks());

beforeEach(() => {
  told = [];
});

function hookOf(adapter: StashAdapter, options: Partial<LiveStashOptions<Assigns>> = {}) {
  return liveStash<Assigns>({
    storedKeys: ["count", "note"],
    adapter,
    secret: SECRET,
    clock,
    onError: (error) => told.push(error),
    ...options,
  });
}

/** The string of a page that stashed a count. */
async function heldFor(
  adapter: StashAdapter,
  count: number,
  elsewhere: { view?: string; sessionId?: string; secret?: string } = {},
): Promise<string> {
  const { secret = SECRET, ...join } = elsewhere;
  const page = new FakePage(hookOf(adapter, { secret }), (): Assigns => ({ count, note: CANARY }));
  const view = page.join(join);
  expect(await stash(view)).toMatchObject({ status: "saved" });
  page.receive(view);
  return String(page.held);
}

/** A view that joins again with what an attacker, or a bad line, made of its string. */
async function present(hook: ReturnType<typeof hookOf>, presented: unknown) {
  const params = { _mounts: 1, [HELD_PARAM]: presented };
  const view = new FakeHost<Assigns>({ count: -1 }, { params });
  hook.onMount(view);
  const result = await recoverState(view);
  told.push(result);
  await hook.onTerminate(view, "disconnected");
  return { view, result };
}

function expectHarmless({ view, result }: { view: FakeHost<Assigns>; result: RecoverResult }) {
  expect(["new", "recovered", "not_found", "error"]).toContain(result.status);
  for (const key of Object.keys(view.assigns)) expect(["count", "note"]).toContain(key);
  if (result.status !== "recovered") expect(view.assigns).toEqual({ count: -1 });
}

/** Nothing that was said to anybody may show what only the page and the server know. */
function expectDiscretion(heldStrings: readonly string[]): void {
  const said = told.map((words) => inspect(words, { depth: 10, maxStringLength: null })).join("\n");
  for (const secret of [SECRET, OTHER_SECRET, CANARY]) expect(said).not.toContain(secret);
  for (const held of heldStrings) {
    expect(said).not.toContain(held);
    expect(said).not.toContain(held.slice(0, 40));
  }
  told = [];
}

describe.each(adapters)("what is presented to a view with the adapter: %s", (_name, adapter) => {
  it(
    "is recovered if it is genuine, and does nothing if it is not",
    { timeout: TIMEOUT_MS },
    async () => {
      const genuine = new Map<string, number>();
      for (const count of [1, 2]) genuine.set(await heldFor(adapter, count), count);
      const foreign = [
        await heldFor(adapter, 3, { view: "another" }),
        await heldFor(adapter, 4, { sessionId: "session-2" }),
        await heldFor(adapter, 5, { secret: OTHER_SECRET }),
        ...(await Promise.all(
          adapters.filter(([, other]) => other !== adapter).map(([, other]) => heldFor(other, 6)),
        )),
      ];
      const tokens = [...genuine.keys(), ...foreign];
      const presented = fc.oneof(
        {
          weight: 9,
          arbitrary: fc
            .tuple(fc.constantFrom(...tokens), fc.array(mutation, { minLength: 1, maxLength: 3 }))
            .map(([token, mutations]) =>
              mutations.reduce((text, mutate) => mutate(text, tokens), token),
            ),
        },
        { weight: 1, arbitrary: fc.anything() },
      );
      const hook = hookOf(adapter);
      const entries = memory.figures().entries;
      const heapBefore = settledHeapBytes();
      let recovered = 0;

      await fc.assert(
        fc.asyncProperty(presented, async (value) => {
          const outcome = await present(hook, value);
          expectHarmless(outcome);
          const count = typeof value === "string" ? genuine.get(value) : undefined;
          expect(outcome.result.status === "recovered").toBe(count !== undefined);
          if (count === undefined) return;
          recovered += 1;
          expect(outcome.view.assigns).toEqual({ count, note: CANARY });
        }),
        { numRuns: RUNS },
      );

      // Both happened: a fuzzer that never gets in shows nothing about those that must.
      expect(recovered).toBeGreaterThan(0);
      expect(told.length).toBeGreaterThan(RUNS / 2);
      expectDiscretion(tokens);
      expect(memory.figures().entries).toBe(entries);
      expect(settledHeapBytes() - heapBefore).toBeLessThan(MAX_GROWTH_BYTES);
      expect(Object.keys(Object.prototype)).toEqual([]);
    },
  );
});
