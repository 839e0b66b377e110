import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { FakePage, SECRET, TestClock } from "../test/fake-page.ts";
import { UnreliableAdapter } from "../test/unreliable-adapter.ts";
import { createMemoryAdapter, liveStash, type MemoryAdapter, stash } from "./index.ts";

interface Assigns {
  count: number;
}

const TTL_MS = 60_000;
const INTERVAL_MS = TTL_MS / 4;

let clock: TestClock;
let memory: MemoryAdapter;
let adapter: UnreliableAdapter;
let operations: string[];
let tab: FakePage<Assigns>;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  clock = new TestClock();
  memory = createMemoryAdapter({ clock });
  adapter = new UnreliableAdapter(memory, { needsKeepAlive: true });
  operations = [];
  const hook = liveStash<Assigns>({
    storedKeys: ["count"],
    adapter,
    secret: SECRET,
    ttlMs: TTL_MS,
    clock,
    onError: (_error, { operation }) => operations.push(operation),
  });
  tab = new FakePage(hook, () => ({ count: 0 }));
});

afterEach(() => vi.useRealTimers());

async function stashedViews(count: number) {
  const views = Array.from({ length: count }, () => tab.join());
  for (const view of views) await stash(view);
  return views;
}

async function pass(ms: number): Promise<void> {
  clock.advance(ms);
  await vi.advanceTimersByTimeAsync(ms);
}

const calls = (): number => adapter.calls.filter((call) => call === "keepAlive").length;

it("the end of one view is told at once, those close behind it with one call", async () => {
  const [first, ...others] = await stashedViews(100);
  if (first === undefined) throw new Error("There is no view.");
  await tab.end(first);
  expect(calls()).toBe(1);
  const ends = Promise.all(others.map((view) => tab.end(view)));
  await pass(1_000);
  await ends;
  expect(calls()).toBe(2);
});

it("a deadline counts from the view's end, however late it is told", async () => {
  const views = await stashedViews(2);
  const ends = Promise.all(views.map((view) => tab.end(view)));
  await pass(1_000);
  await ends;
  clock.advance(TTL_MS - 1_001);
  memory.sweep();
  expect(memory.figures().entries).toBe(2);
  clock.advance(1);
  memory.sweep();
  expect(memory.figures().entries).toBe(0);
});

it("one whose end was never told lives an interval longer, as with a process that died", async () => {
  const [first, second] = await stashedViews(2);
  if (first === undefined || second === undefined) throw new Error("There is no view.");
  await tab.end(first);
  void tab.end(second);
  clock.advance(TTL_MS + INTERVAL_MS - 1);
  memory.sweep();
  expect(memory.figures().entries).toBe(1);
});

it("a failure is told once, and the next ends are told again", async () => {
  const views = await stashedViews(6);
  for (let call = 0; call < 2; call += 1) adapter.failNext("keepAlive", new Error("no route"));
  const failing = Promise.all(views.slice(0, 4).map((view) => tab.end(view)));
  await pass(1_000);
  await failing;
  expect(operations).toEqual(["end", "end"]);
  const last = Promise.all(views.slice(4).map((view) => tab.end(view)));
  await pass(1_000);
  await last;
  expect(operations).toHaveLength(2);
  clock.advance(TTL_MS);
  memory.sweep();
  expect(memory.figures().entries).toBe(4);
});
