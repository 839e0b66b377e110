import * as v from "valibot";
import { beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { type FakeHost, FakePage, SECRET, TestClock } from "../../test/fake-page.ts";
import {
  createMemoryAdapter,
  liveStash,
  type LiveStashOptions,
  type MemoryAdapter,
  type RecoverResult,
  recoverState,
  stash,
  type StandardSchema,
  type StashError,
} from "../index.ts";

interface Assigns {
  count: unknown;
  name?: unknown;
}

let memory: MemoryAdapter;
let errors: StashError[];

beforeEach(() => {
  memory = createMemoryAdapter({ clock: new TestClock() });
  errors = [];
});

function page(options: Partial<LiveStashOptions<Assigns>>): FakePage<Assigns> {
  const hook = liveStash<Assigns>({
    storedKeys: ["count", "name"],
    adapter: memory,
    secret: SECRET,
    clock: new TestClock(),
    onError: (error) => errors.push(error),
    ...options,
  });
  return new FakePage(hook, (): Assigns => ({ count: 0 }));
}

/** Has a page that stashed return to another release of the application. */
async function release(
  before: Partial<LiveStashOptions<Assigns>>,
  after: Partial<LiveStashOptions<Assigns>>,
  state: Assigns = { count: 1, name: "x" },
): Promise<{ result: RecoverResult; view: FakeHost<Assigns>; tab: FakePage<Assigns> }> {
  const old = page(before);
  const first = old.join();
  first.assign(state);
  await stash(first);
  await old.end(first);
  const tab = page(after);
  await tab.end(tab.join());
  tab.token = old.token;
  const view = tab.join();
  return { result: await recoverState(view), view, tab };
}

describe("versions", () => {
  it.each([undefined, 1, "1", 0, ""])("that are equal (%j) need no migrate()", async (version) => {
    const option = version === undefined ? {} : { version };
    const migrate = (): never => expect.unreachable();
    const { result } = await release(option, { ...option, migrate });
    expect(result).toMatchObject({ status: "recovered" });
    expect(result).not.toHaveProperty("migratedFrom");
  });

  it.each<[unknown, Partial<LiveStashOptions<Assigns>>, Partial<LiveStashOptions<Assigns>>]>([
    ["another number", { version: 1 }, { version: 2 }],
    ["number and string", { version: 1 }, { version: "1" }],
    ["none and some", {}, { version: 1 }],
    ["some and none", { version: 1 }, {}],
  ])("that differ (%s) delete the stash", async (_name, before, after) => {
    const { result, view } = await release(before, after);
    expect(result).toEqual({ status: "error", reason: "version_mismatch" });
    expect(view.assigns).toEqual({ count: 0 });
    expect(view.holdEvents).toEqual([{ v: "phx-1", h: expect.any(String) as unknown }]);
    expect(memory.figures().entries).toBe(0);
    expect(await stash(view)).toMatchObject({ status: "saved" });
  });
});

describe("migrate", () => {
  it("turns old state into new state, which the next stash always writes", async () => {
    const calls: unknown[] = [];
    const { result, view } = await release(
      { version: 1 },
      {
        version: 2,
        migrate: async (oldState, oldVersion) => {
          calls.push([oldState, oldVersion]);
          return { ...oldState };
        },
      },
    );
    expect(calls).toEqual([[{ count: 1, name: "x" }, 1]]);
    expect(result).toMatchObject({
      status: "recovered",
      migratedFrom: 1,
      restored: ["count", "name"],
    });
    expect(await stash(view)).toMatchObject({ status: "saved" });
    expect(await stash(view)).toEqual({ status: "unchanged" });
  });

  it("receives keys that are no longer stored, and assigns stored keys only", async () => {
    const { result, view } = await release(
      {},
      {
        storedKeys: ["count"],
        version: "b",
        migrate: ({ name }) => ({ count: `was ${String(name)}`, name, extra: 1 }),
      },
    );
    expect(result).toMatchObject({ migratedFrom: null, restored: ["count"] });
    expect(view.assigns).toEqual({ count: "was x" });
  });

  it("deletes the state by returning undefined", async () => {
    const { result } = await release({}, { version: 2, migrate: () => undefined });
    expect(result).toEqual({ status: "error", reason: "version_mismatch" });
    expect(memory.figures().entries).toBe(0);
  });

  it.each<[string, NonNullable<LiveStashOptions<Assigns>["migrate"]>]>([
    ["throws", () => expect.fail("a mistake")],
    ["rejects", () => Promise.reject(new Error("a mistake"))],
    ["gives no object", () => 7 as unknown as object],
  ])("fails the recovery if it %s, and a corrected one finds the state", async (_name, migrate) => {
    const { result, tab, view } = await release({}, { version: 2, migrate });
    expect(result).toMatchObject({
      status: "error",
      reason: "migration_failed",
      error: { code: "migration_failed", cause: expect.any(Error) as Error },
    });
    expect(errors).toHaveLength(1);
    expect(view.assigns).toEqual({ count: 0 });
    await tab.end(view);
    const corrected = page({ version: 2, migrate: (state) => state });
    corrected.join();
    corrected.token = tab.token;
    expect(await recoverState(corrected.join())).toMatchObject({ status: "recovered" });
  });

  it("cannot change the stored state", async () => {
    const { result } = await release(
      {},
      {
        version: 2,
        migrate: (state) => {
          state["count"] = 2;
          return state;
        },
      },
    );
    expect(result).toMatchObject({ status: "recovered" });
  });
});

const schemas: [string, StandardSchema][] = [
  ["zod", z.object({ count: z.coerce.number(), name: z.string().optional() })],
  [
    "valibot",
    v.object({
      count: v.pipe(v.unknown(), v.transform(Number), v.number()),
      name: v.optional(v.string()),
    }),
  ],
];

describe.each(schemas)("schema (%s)", (_name, schema) => {
  it("returns the values to assign", async () => {
    const { result, view } = await release({}, { schema }, { count: "12", name: "x" });
    expect(result).toMatchObject({ status: "recovered", restored: ["count", "name"] });
    expect(view.assigns).toEqual({ count: 12, name: "x" });
    expect(await stash(view)).toMatchObject({ status: "saved" });
  });

  it("rejects an invalid state without printing it", async () => {
    const { result, view } = await release({}, { schema }, { count: 1, name: ["hunter2"] });
    expect(result).toMatchObject({
      status: "error",
      reason: "schema_rejected",
      error: { code: "schema_failed" },
    });
    expect(errors[0]?.message).not.toContain("hunter2");
    expect(view.assigns).toEqual({ count: 0 });
    expect(await stash(view)).toMatchObject({ status: "saved" });
    expect(memory.figures().entries).toBe(1);
  });

  it("receives the output of migrate, reduced to the stored keys", async () => {
    const migrate = (): object => ({ count: "3", extra: 1 });
    const { view } = await release({}, { schema, version: 2, migrate });
    expect(view.assigns).toEqual({ count: 3 });
  });
});

describe("a promise that never settles", () => {
  const never = (): Promise<never> => new Promise(() => {});
  const schema: StandardSchema = {
    "~standard": { version: 1, vendor: "test", validate: never },
  };

  it.each<[string, string, Partial<LiveStashOptions<Assigns>>]>([
    ["migrate", "migration_failed", { version: 2, migrate: never }],
    ["a schema", "schema_rejected", { schema }],
  ])("in %s delays a recovery for timeoutMs at most", async (_name, reason, options) => {
    const { result, view } = await release({}, { timeoutMs: 20, ...options });
    expect(result).toMatchObject({ status: "error", reason });
    view.assign({ count: 7 });
    expect(await stash(view)).toMatchObject({ status: "saved" });
  });
});

describe("custom schemas", () => {
  it("may be asynchronous", async () => {
    const schema = z.object({ count: z.number().transform(async (count) => count + 1) });
    const { view } = await release({}, { schema });
    expect(view.assigns).toEqual({ count: 2 });
  });

  it.each<[string, StandardSchema["~standard"]["validate"]]>([
    ["throw", () => expect.fail("a mistake")],
    ["reject", () => Promise.reject(new Error("a mistake"))],
    ["give no object", () => ({ value: 7 })],
  ])("fail the recovery if they %s", async (_name, validate) => {
    const schema: StandardSchema = { "~standard": { version: 1, vendor: "test", validate } };
    const { result } = await release({}, { schema });
    expect(result).toMatchObject({
      reason: "schema_rejected",
      error: { code: "schema_failed", cause: expect.any(Error) as Error },
    });
  });
});
