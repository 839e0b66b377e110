import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { FakePage, SECRET, TestClock } from "../../test/fake-page.ts";
import { UnreliableAdapter } from "../../test/unreliable-adapter.ts";
import {
  createMemoryAdapter,
  liveStash,
  type LiveStashOptions,
  type MemoryAdapter,
  recoverState,
  stash,
} from "../index.ts";

interface Assigns {
  count: number;
}

const TTL_MS = 60_000;
const INTERVAL_MS = TTL_MS / 4;

let clock: TestClock;
let memory: MemoryAdapter;
let adapter: UnreliableAdapter;
let failures: string[];
let tab: FakePage<Assigns>;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  clock = new TestClock();
  memory = createMemoryAdapter({ clock });
  // As a store in another process: it must be told that a view still lives.
  adapter = new UnreliableAdapter(memory, { needsKeepAlive: true });
  failures = [];
  tab = page("first");
});

afterEach(() => vi.useRealTimers());

function page(name: string, options: Partial<LiveStashOptions<Assigns>> = {}): FakePage<Assigns> {
  const hook = liveStash<Assigns>({
    storedKeys: ["count"],
    adapter,
    secret: SECRET,
    ttlMs: TTL_MS,
    clock,
    onError: (_error, { operation }) => failures.push(`${name}: ${operation}`),
    ...options,
  });
  return new FakePage(hook, () => ({ count: 0 }));
}

async function stashedViews(count: number, of = tab) {
  const views = Array.from({ length: count }, () => of.joinAsAnother());
  for (const view of views) await stash(view);
  return views;
}

async function pass(ms: number): Promise<void> {
  clock.advance(ms);
  await vi.advanceTimersByTimeAsync(ms);
}

/** One view has ended and was told, so that the next ends are gathered. */
async function endOne(): Promise<void> {
  const [view] = await stashedViews(1);
  if (view !== undefined) await tab.end(view);
}

const calls = (): number => adapter.calls.filter((call) => call === "keepAlive").length;
const living = (): number => {
  memory.sweep();
  return memory.figures().entries;
};

describe("calls", () => {
  it("what ends in one turn is told at its end, what is close behind it together", async () => {
    const views = await stashedViews(100);
    await Promise.all(views.slice(0, 10).map((view) => tab.end(view)));
    expect(calls()).toBe(1);
    const ends = Promise.all(views.slice(10).map((view) => tab.end(view)));
    await pass(1_000);
    await ends;
    expect(calls()).toBe(2);
  });

  it("a server that shuts down waits for nothing but the store", async () => {
    await endOne();
    for (const view of await stashedViews(3)) await tab.end(view, "shutdown");
    expect(calls()).toBe(4);
  });

  it("are for 500 ends at most", async () => {
    const views = await stashedViews(1_001);
    await Promise.all(views.map((view) => tab.end(view)));
    expect(calls()).toBe(3);
  });

  it("are made for each adapter by itself", async () => {
    await endOne();
    const other = new UnreliableAdapter(memory, { needsKeepAlive: true });
    const otherTab = page("other", { adapter: other });
    for (const view of await stashedViews(1, otherTab)) await otherTab.end(view);
    expect(other.calls).toEqual(["save", "keepAlive"]);
  });

  it("none is made where the browser holds the state", async () => {
    const holding = new UnreliableAdapter(memory, { needsKeepAlive: true, browserHolds: "state" });
    const holdingTab = page("holding", { adapter: holding });
    const [view] = await stashedViews(1, holdingTab);
    if (view !== undefined) await holdingTab.end(view);
    expect(holding.calls).not.toContain("keepAlive");
  });
});

it("adapters are told that nobody will put these deadlines off, and of connected views no such thing", async () => {
  const keepAlive = vi.spyOn(adapter, "keepAlive");
  const views = await stashedViews(3);
  await pass(INTERVAL_MS);
  await Promise.all(views.map((view) => tab.end(view)));
  const finals = keepAlive.mock.calls.map(([requests]) => requests.map(({ isFinal }) => isFinal));
  const nothing = [undefined, undefined, undefined];
  expect(finals).toEqual([nothing, [true, true, true]]);
});

describe("deadlines", () => {
  it("count from the view's end, however late it is told", async () => {
    await endOne();
    clock.advance(TTL_MS);
    expect(living()).toBe(0);
    const views = await stashedViews(2);
    const ends = Promise.all(views.map((view) => tab.end(view)));
    await pass(1_000);
    await ends;
    clock.advance(TTL_MS - 1_001);
    expect(living()).toBe(2);
    clock.advance(1);
    expect(living()).toBe(0);
  });

  it("of an end that was never told are an interval later, as with a process that died", async () => {
    await endOne();
    for (const view of await stashedViews(1)) void tab.end(view);
    clock.advance(TTL_MS + INTERVAL_MS - 1);
    expect(living()).toBe(1);
    clock.advance(1);
    expect(living()).toBe(0);
  });

  it("a stash of a handler that outlives the connection does not wait for them", async () => {
    await endOne();
    const [view] = await stashedViews(1);
    if (view === undefined) throw new Error("There is no view.");
    const end = tab.end(view);
    view.assign({ count: 7 });
    expect(await stash(view)).toMatchObject({ status: "saved" });
    const next = tab.join();
    expect(await recoverState(next)).toMatchObject({ status: "recovered" });
    expect(next.assigns.count).toBe(7);
    await pass(1_000);
    await end;
    expect(failures).toEqual([]);
  });
});

describe("failures", () => {
  it("are told once for each liveStash(), and the next ends are told again", async () => {
    await endOne();
    const otherTab = page("other");
    const views = await stashedViews(4);
    const others = await stashedViews(2, otherTab);
    for (let call = 0; call < 2; call += 1) adapter.failNext("keepAlive", new Error("no route"));
    const failing = Promise.all([
      ...views.slice(0, 3).map((view) => tab.end(view)),
      ...others.map((view) => otherTab.end(view)),
    ]);
    await pass(1_000);
    await failing;
    expect(failures).toEqual(["first: end", "other: end"]);
    const last = Promise.all(views.slice(3).map((view) => tab.end(view)));
    await pass(1_000);
    await last;
    expect(failures).toHaveLength(2);
  });

  it("of a store that hangs do not keep it from being told of all when it goes on", async () => {
    const views = await stashedViews(501);
    const otherTab = page("other");
    const others = await stashedViews(1, otherTab);
    const goOn = [1, 2, 3].map(() => adapter.holdNext("keepAlive"));
    const ends = Promise.all([
      ...views.map((view) => tab.end(view)),
      ...others.map((view) => otherTab.end(view)),
    ]);
    await vi.waitFor(() => expect(calls()).toBe(3));
    for (const answer of goOn) answer();
    await ends;
    expect(failures).toEqual([]);
    clock.advance(TTL_MS);
    expect(living()).toBe(0);
  });

  it("of one call keep nobody from being told with the next", async () => {
    const views = await stashedViews(501);
    adapter.failNext("keepAlive", new Error("no route"));
    await Promise.all(views.map((view) => tab.end(view)));
    expect(failures).toEqual(["first: end"]);
    clock.advance(TTL_MS);
    expect(living()).toBe(500);
  });
});

it("a process that is done tells what was gathered before it ends", async () => {
  const program = fileURLToPath(new URL("../../test/end-and-exit.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", program]);
  onTestFinished(() => void child.kill());
  let output = "";
  child.stdout.on("data", (text: Buffer) => (output += text.toString()));
  child.stderr.on("data", (text: Buffer) => (output += text.toString()));
  await once(child, "close");
  expect(output).toBe("told of 1\ntold of 2\n");
});
