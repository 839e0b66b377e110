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
import type { StashAdapter } from "../src/entries/adapter.ts";
import { TOKEN_PARAM } from "../src/entries/host.ts";
import { FakeHost, FakePage, SECRET, TestClock } from "./fake-page.ts";
import { mutation } from "./mutations.ts";
import { settledHeapBytes } from "./settled-heap.ts";

/** Few by default; with `LIVE_STASH_LONG=1` more than a hundred thousand for each adapter. */
const isLong = process.env["LIVE_STASH_LONG"] === "1";
const RUNS = isLong ? 110_000 : 2_000;
const TIMEOUT_MS = isLong ? 1_800_000 : 60_000;
/** The largest growth of the heap in bytes: the noise of collections, far below 100 bytes per case. */
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
let outputs: unknown[] = [];

beforeAll(() => {
  for (const method of ["error", "warn", "log", "info"] as const) {
    vi.spyOn(console, method).mockImplementation((...words) => void outputs.push(...words));
  }
});

afterAll(() => vi.restoreAllMocks());

beforeEach(() => {
  outputs = [];
});

function hookOf(adapter: StashAdapter, options: Partial<LiveStashOptions<Assigns>> = {}) {
  return liveStash<Assigns>({
    storedKeys: ["count", "note"],
    adapter,
    secret: SECRET,
    clock,
    onError: (error) => outputs.push(error),
    ...options,
  });
}

/** Returns the token of a page that has stashed a count. */
async function tokenFor(
  adapter: StashAdapter,
  count: number,
  elsewhere: { view?: string; sessionId?: string; secret?: string } = {},
): Promise<string> {
  const { secret = SECRET, ...join } = elsewhere;
  const page = new FakePage(hookOf(adapter, { secret }), (): Assigns => ({ count, note: CANARY }));
  const view = page.join(join);
  expect(await stash(view)).toMatchObject({ status: "saved" });
  page.receive(view);
  return String(page.token);
}

/** Joins a view with a token as an attacker, or a bad connection, changed it. */
async function present(hook: ReturnType<typeof hookOf>, presented: unknown) {
  const params = { _mounts: 1, [TOKEN_PARAM]: presented };
  const view = new FakeHost<Assigns>({ count: -1 }, { params });
  hook.onMount(view);
  const result = await recoverState(view);
  outputs.push(result);
  await hook.onTerminate(view, "disconnected");
  return { view, result };
}

function expectHarmless({ view, result }: { view: FakeHost<Assigns>; result: RecoverResult }) {
  expect(["new", "recovered", "not_found", "error"]).toContain(result.status);
  for (const key of Object.keys(view.assigns)) expect(["count", "note"]).toContain(key);
  if (result.status !== "recovered") expect(view.assigns).toEqual({ count: -1 });
}

/** No result, error or log line may show a secret, the state or a token. */
function expectDiscretion(tokens: readonly string[]): void {
  const text = outputs
    .map((words) => inspect(words, { depth: 10, maxStringLength: null }))
    .join("\n");
  for (const secret of [SECRET, OTHER_SECRET, CANARY]) expect(text).not.toContain(secret);
  for (const token of tokens) {
    expect(text).not.toContain(token);
    expect(text).not.toContain(token.slice(0, 40));
  }
  outputs = [];
}

describe.each(adapters)(
  "a token that is presented to a view, with the adapter %s,",
  (_name, adapter) => {
    it(
      "recovers its state if it is genuine, and changes nothing if it is not",
      { timeout: TIMEOUT_MS },
      async () => {
        const genuine = new Map<string, number>();
        for (const count of [1, 2]) genuine.set(await tokenFor(adapter, count), count);
        const foreign = [
          await tokenFor(adapter, 3, { view: "another" }),
          await tokenFor(adapter, 4, { sessionId: "session-2" }),
          await tokenFor(adapter, 5, { secret: OTHER_SECRET }),
          ...(await Promise.all(
            adapters
              .filter(([, other]) => other !== adapter)
              .map(([, other]) => tokenFor(other, 6)),
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

        // Both must happen: a fuzzer without genuine tokens would prove nothing.
        expect(recovered).toBeGreaterThan(0);
        expect(outputs.length).toBeGreaterThan(RUNS / 2);
        expectDiscretion(tokens);
        expect(memory.figures().entries).toBe(entries);
        expect(settledHeapBytes() - heapBefore).toBeLessThan(MAX_GROWTH_BYTES);
        expect(Object.keys(Object.prototype)).toEqual([]);
      },
    );
  },
);
