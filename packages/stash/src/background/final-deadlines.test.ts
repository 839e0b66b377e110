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
  // Like a store in another process, which needs to be kept alive.
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

/** Ends one view and waits until its deadline was sent, so that the next ends are batched. */
async function endOne(): Promise<void> {
  const [view] = await stashedViews(1);
  if (view !== undefined) await tab.end(view);
}

const calls = (): number => adapter.calls.filter((call) => call === "keepAlive").length;
const living = (): number => {
  memory.sweep();
  return memory.figures().entries;
};

describe("calls with final deadlines", () => {
  it("send the ends of one tick at its end, and those shortly after together", async () => {
    const views = await stashedViews(100);
    await Promise.all(views.slice(0, 10).map((view) => tab.end(view)));
    expect(calls()).toBe(1);
    const ends = Promise.all(views.slice(10).map((view) => tab.end(view)));
    await pass(1_000);
    await ends;
    expect(calls()).toBe(2);
  });

  it("are not delayed while a server shuts down", async () => {
    await endOne();
    for (const view of await stashedViews(3)) await tab.end(view, "shutdown");
    expect(calls()).toBe(4);
  });

  it("have at most 500 ends each", async () => {
    const views = await stashedViews(1_001);
    await Promise.all(views.map((view) => tab.end(view)));
    expect(calls()).toBe(3);
  });

  it("are separate for each adapter", async () => {
    await endOne();
    const other = new UnreliableAdapter(memory, { needsKeepAlive: true });
    const otherTab = page("other", { adapter: other });
    for (const view of await stashedViews(1, otherTab)) await otherTab.end(view);
    expect(other.calls).toEqual(["save", "keepAlive"]);
  });

  it("are not made if the browser stores the state", async () => {
    const holding = new UnreliableAdapter(memory, { needsKeepAlive: true, browserHolds: "state" });
    const holdingTab = page("holding", { adapter: holding });
    const [view] = await stashedViews(1, holdingTab);
    if (view !== undefined) await holdingTab.end(view);
    expect(holding.calls).not.toContain("keepAlive");
  });
});

it("requests of ended views are final, and those of connected views are not", async () => {
  const keepAlive = vi.spyOn(adapter, "keepAlive");
  const views = await stashedViews(3);
  await pass(INTERVAL_MS);
  await Promise.all(views.map((view) => tab.end(view)));
  const finals = keepAlive.mock.calls.map(([requests]) => requests.map(({ isFinal }) => isFinal));
  const nothing = [undefined, undefined, undefined];
  expect(finals).toEqual([nothing, [true, true, true]]);
});

describe("final deadlines", () => {
  it("count from the view's end, however late they are sent", async () => {
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

  it("of an end that was never sent are an interval later, as after a crash of the process", async () => {
    await endOne();
    for (const view of await stashedViews(1)) void tab.end(view);
    clock.advance(TTL_MS + INTERVAL_MS - 1);
    expect(living()).toBe(1);
    clock.advance(1);
    expect(living()).toBe(0);
  });

  it("do not delay the stash of a handler that outlives the connection", async () => {
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

describe("failures to send final deadlines", () => {
  it("are reported once for each liveStash(), and the next ends are sent again", async () => {
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

  it("of a hanging store do not keep it from receiving all deadlines when it continues", async () => {
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

  it("of one call do not affect the next", async () => {
    const views = await stashedViews(501);
    adapter.failNext("keepAlive", new Error("no route"));
    await Promise.all(views.map((view) => tab.end(view)));
    expect(failures).toEqual(["first: end"]);
    clock.advance(TTL_MS);
    expect(living()).toBe(500);
  });
});

it("a process that has no more work sends its batch before it exits", async () => {
  const program = fileURLToPath(new URL("../../test/end-and-exit.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", program]);
  onTestFinished(() => void child.kill());
  let output = "";
  child.stdout.on("data", (text: Buffer) => (output += text.toString()));
  child.stderr.on("data", (text: Buffer) => (output += text.toString()));
  await once(child, "close");
  expect(output).toBe("told of 1\ntold of 2\n");
});
