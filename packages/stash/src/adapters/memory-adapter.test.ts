import fc from "fast-check";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { TestClock } from "../../test/fake-page.ts";
import { createMemoryAdapter, type MemoryAdapter, StashError } from "../index.ts";
import { isEarlierOwner, type MaybePromise } from "../entries/adapter.ts";
import { entryBytes } from "../memory/arena.ts";

const TTL_MS = 1_000;
const NOTHING = new Uint8Array(0);

let clock: TestClock;
let memory: MemoryAdapter;

beforeEach(() => {
  clock = new TestClock();
  memory = createMemoryAdapter({ clock });
});

function record(bytes = 100, fill = 1): Uint8Array {
  return new Uint8Array(bytes).fill(fill);
}

/** Memory answers without a promise, which spares the core a timer for each call. */
function atOnce<Outcome>(answer: MaybePromise<Outcome>): Outcome {
  if (answer instanceof Promise) throw new Error("Expected an answer at once, found a promise.");
  return answer;
}

function save(id: string, options: { owner?: string; create?: boolean; bytes?: number } = {}) {
  const { owner = "0000000000one", create = true, bytes = 100 } = options;
  return atOnce(memory.save({ id, owner, record: record(bytes), create, expiresAtMs: Infinity }));
}

function load(id: string, owner = "0000000000two") {
  return atOnce(memory.load({ id, owner, adapterData: NOTHING, expiresAtMs: Infinity }));
}

function disconnect(id: string, owner = "0000000000one", ttlMs = TTL_MS) {
  return atOnce(memory.keepAlive([{ id, owner, expiresAtMs: clock.now() + ttlMs }]));
}

describe("ownership", () => {
  it("allows the owner to save, load and forget", () => {
    expect(save("a")).toEqual({ status: "saved" });
    expect(save("a", { create: false, bytes: 300 })).toEqual({ status: "saved" });
    expect(load("a", "0000000000one")).toEqual({ status: "loaded", record: record(300) });
    expect(memory.forget({ id: "a", owner: "0000000000one" })).toBe("forgotten");
    expect(memory.forget({ id: "a", owner: "0000000000one" })).toBe("absent");
    expect(load("a")).toEqual({ status: "absent" });
  });

  it("passes to the view that loads; calls of the old owner change nothing", () => {
    save("a");
    load("a", "0000000000two");
    expect(save("a", { owner: "0000000000one", create: false, bytes: 50 })).toEqual({
      status: "not_owner",
    });
    expect(save("a", { owner: "0000000000one", create: true })).toEqual({ status: "not_owner" });
    expect(memory.forget({ id: "a", owner: "0000000000one" })).toBe("not_owner");
    expect(disconnect("a", "0000000000one")).toEqual(["not_owner"]);
    expect(memory.figures()).toMatchObject({ entries: 1, connected: 1 });
    expect(load("a", "0000000000three")).toEqual({ status: "loaded", record: record(100) });
  });

  it("begins only with a save that asks for a new stash", () => {
    expect(save("a", { create: false })).toEqual({ status: "absent" });
    expect(disconnect("a")).toEqual(["absent"]);
    expect(memory.figures().entries).toBe(0);
  });
});

describe("expiry", () => {
  it("is exact, swept or not", () => {
    save("a");
    save("b");
    disconnect("a");
    clock.advance(TTL_MS - 1);
    expect(disconnect("a", "0000000000one", 1)).toEqual(["kept"]);
    clock.advance(1);
    expect(load("a")).toEqual({ status: "absent" });
    expect(load("b")).toMatchObject({ status: "loaded" });
    expect(memory.figures()).toMatchObject({ entries: 1, expired: 1 });
  });

  it("applies to every call", () => {
    for (const id of ["save", "keepAlive", "forget"]) save(id);
    for (const id of ["save", "keepAlive", "forget"]) disconnect(id);
    clock.advance(TTL_MS);
    expect(save("save", { create: false })).toEqual({ status: "absent" });
    expect(disconnect("keepAlive")).toEqual(["absent"]);
    expect(memory.forget({ id: "forget", owner: "0000000000one" })).toBe("absent");
    expect(memory.figures()).toEqual({
      entries: 0,
      connected: 0,
      bytes: 0,
      evicted: 0,
      expired: 3,
    });
  });

  it("is postponed by a load", () => {
    save("a");
    disconnect("a");
    load("a");
    clock.advance(TTL_MS * 10);
    memory.sweep();
    expect(load("a")).toMatchObject({ status: "loaded" });
  });

  it("needs one timer, which runs only while a stash can expire", () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    memory = createMemoryAdapter({ clock, sweepIntervalMs: 200 });
    for (const id of ["a", "b", "c"]) save(id);
    expect(vi.getTimerCount()).toBe(0);
    for (const id of ["a", "b"]) disconnect(id);
    expect(vi.getTimerCount()).toBe(1);
    clock.advance(TTL_MS);
    vi.advanceTimersByTime(200);
    expect(memory.figures()).toMatchObject({ entries: 1, connected: 1, expired: 2 });
    expect(vi.getTimerCount()).toBe(0);
    disconnect("c");
    expect(vi.getTimerCount()).toBe(1);
    void memory.close();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it("does not keep the process alive", async () => {
    const before = process.getActiveResourcesInfo();
    save("a");
    disconnect("a");
    expect(process.getActiveResourcesInfo()).toEqual(before);
    await memory.close();
  });
});

describe("room", () => {
  const roomFor = (entries: number): MemoryAdapter =>
    createMemoryAdapter({ clock, maxBytes: entries * entryBytes(100) });

  it("is made by evicting the stash that was disconnected first", () => {
    memory = roomFor(3);
    for (const id of ["a", "b", "c"]) save(id);
    disconnect("b", "0000000000one", 50_000);
    disconnect("a", "0000000000one", 10_000);
    expect(save("d")).toEqual({ status: "saved" });
    expect(load("b")).toEqual({ status: "absent" });
    expect(save("e")).toEqual({ status: "saved" });
    expect(load("a")).toEqual({ status: "absent" });
    expect(memory.figures()).toMatchObject({ entries: 3, connected: 3, evicted: 2, expired: 0 });
  });

  it("is never made by evicting a stash of a connected view", () => {
    memory = roomFor(2);
    for (const id of ["a", "b"]) save(id);
    expect(save("c")).toEqual({ status: "full" });
    disconnect("a");
    load("a");
    expect(save("c")).toEqual({ status: "full" });
    expect(memory.figures()).toMatchObject({ entries: 2, evicted: 0 });
  });

  it("is made by deleting expired stashes first", () => {
    memory = roomFor(3);
    for (const id of ["old", "dead", "c"]) save(id);
    disconnect("old", "0000000000one", 50_000);
    disconnect("dead", "0000000000one", 10);
    clock.advance(10);
    save("d");
    expect(load("old")).toMatchObject({ status: "loaded" });
    expect(memory.figures()).toMatchObject({ evicted: 0, expired: 1 });
  });

  it("is not made in part: no stash is evicted if that would not suffice", () => {
    memory = roomFor(3);
    for (const id of ["a", "b", "c"]) save(id);
    disconnect("a");
    expect(save("big", { bytes: 900 })).toEqual({ status: "full" });
    expect(save("b", { create: false, bytes: 2_000 })).toEqual({ status: "full" });
    expect(memory.figures()).toMatchObject({ entries: 3, evicted: 0 });
    expect(load("b")).toEqual({ status: "loaded", record: record(100) });
  });

  it("is not made by evicting the stash that is saved", () => {
    memory = roomFor(2);
    for (const id of ["a", "b"]) save(id);
    disconnect("a");
    disconnect("b");
    expect(save("a", { create: false, bytes: 200 })).toEqual({ status: "saved" });
    expect(load("a")).toEqual({ status: "loaded", record: record(200) });
    expect(load("b")).toEqual({ status: "absent" });
  });

  it("is limited per record", () => {
    memory = createMemoryAdapter({ clock, maxRecordBytes: 1_000 });
    expect(memory.capabilities.maxBytes).toBe(1_000);
    expect(save("a", { bytes: 1_001 })).toEqual({ status: "full" });
    expect(save("a", { bytes: 1_000 })).toEqual({ status: "saved" });
  });
});

describe("any sequence of calls", () => {
  it("has the outcomes of a simple model", () => {
    const call = fc.record({
      id: fc.constantFrom("a", "b", "c", "d", "e", "f"),
      owner: fc.constantFrom("0000000001one", "0000000002two", "0000000002too"),
      bytes: fc.constantFrom(10, 60, 500, 5_000, 70_000),
      action: fc.constantFrom("create", "save", "load", "disconnect", "forget", "sweep"),
      passMs: fc.nat(400),
    });
    fc.assert(
      fc.property(fc.array(call, { maxLength: 80 }), (calls) => {
        memory = createMemoryAdapter({ clock, sweepIntervalMs: 100 });
        const model = new Map<string, { owner: string; bytes: number; expiresAtMs: number }>();
        for (const { id, owner, bytes, action, passMs } of calls) {
          clock.advance(passMs);
          for (const [name, { expiresAtMs }] of model) {
            if (expiresAtMs <= clock.now()) model.delete(name);
          }
          const entry = model.get(id);
          const mine =
            entry === undefined ? "absent" : entry.owner === owner ? "mine" : "not_owner";
          if (action === "create" || action === "save") {
            const isAllowed = mine === "mine" || (mine === "absent" && action === "create");
            const status = isAllowed ? "saved" : mine;
            expect(save(id, { owner, bytes, create: action === "create" })).toEqual({ status });
            if (isAllowed) model.set(id, { owner, bytes, expiresAtMs: Infinity });
          } else if (action === "load") {
            const isLate = entry !== undefined && isEarlierOwner(owner, entry.owner);
            expect(load(id, owner)).toEqual(
              entry === undefined
                ? { status: "absent" }
                : isLate
                  ? { status: "superseded" }
                  : { status: "loaded", record: record(entry.bytes) },
            );
            if (entry !== undefined && !isLate)
              model.set(id, { ...entry, owner, expiresAtMs: Infinity });
          } else if (action === "disconnect") {
            expect(disconnect(id, owner)).toEqual([mine === "mine" ? "kept" : mine]);
            if (mine === "mine" && entry !== undefined) entry.expiresAtMs = clock.now() + TTL_MS;
          } else if (action === "forget") {
            expect(memory.forget({ id, owner })).toBe(mine === "mine" ? "forgotten" : mine);
            if (mine === "mine") model.delete(id);
          } else {
            memory.sweep();
          }
        }
        memory.sweep();
        const kept = [...model.values()];
        expect(memory.figures()).toMatchObject({
          entries: kept.length,
          connected: kept.filter(({ expiresAtMs }) => expiresAtMs === Infinity).length,
          bytes: kept.reduce((sum, { bytes }) => sum + entryBytes(bytes), 0),
          evicted: 0,
        });
        void memory.close();
      }),
    );
  });
});

describe("records", () => {
  it("are copied when they are saved and when they are loaded", () => {
    const given = record(100, 1);
    void memory.save({
      id: "a",
      owner: "0000000000one",
      record: given,
      create: true,
      expiresAtMs: Infinity,
    });
    given.fill(9);
    const first = load("a");
    expect(first).toEqual({ status: "loaded", record: record(100, 1) });
    if ("record" in first) first.record.fill(9);
    expect(load("a")).toEqual({ status: "loaded", record: record(100, 1) });
  });
});

describe("a closed adapter", () => {
  it("rejects every call, and can be closed twice", async () => {
    await memory.close();
    await memory.close();
    const id = "a";
    const owner = "0000000000one";
    const expiresAtMs = Infinity;
    for (const answer of [
      memory.save({ id, owner, record: record(), create: true, expiresAtMs }),
      memory.load({ id, owner, adapterData: NOTHING, expiresAtMs }),
      memory.keepAlive([{ id, owner, expiresAtMs }]),
      memory.forget({ id, owner }),
    ]) {
      await expect(answer).rejects.toMatchObject({ code: "adapter_closed" });
    }
    memory.sweep();
    expect(memory.figures()).toMatchObject({ entries: 0, bytes: 0 });
  });
});

describe("createMemoryAdapter()", () => {
  it.each([
    { maxBytes: 0 },
    { maxBytes: "1GB" },
    { maxRecordBytes: -1 },
    { sweepIntervalMs: 0 },
    { sweepIntervalMs: 2 ** 31 },
    { clock: {} },
    { maxbytes: 1 },
  ])("rejects the options %j", (options) => {
    expect(() => createMemoryAdapter(options as object)).toThrow(StashError);
  });

  it("accepts Date as a clock", async () => {
    const adapter = createMemoryAdapter({ clock: Date });
    expect(adapter.figures().entries).toBe(0);
    await adapter.close();
  });
});
