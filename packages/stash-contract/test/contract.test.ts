import { createMemoryAdapter } from "live-stash";
import type { StashAdapter } from "live-stash/adapter";
import * as nodeTest from "node:test";
import { afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from "vitest";
import * as vitest from "vitest";
import {
  adapterContract,
  type AdapterUnderTest,
  createManualClock,
  type TestRunner,
} from "../src/index.ts";
import { abandoned, type BrokenMemory, BROKEN_MEMORIES } from "./broken-memory.ts";
import { BROKEN_NODES, type BrokenNodes } from "./broken-nodes.ts";
import { BROKEN_SERVICES, type BrokenService, Line } from "./broken-service.ts";
import { CollectingRunner } from "./collecting-runner.ts";
import { EXPECTED_FAILURES } from "./expected-failures.ts";

const { capabilities } = createMemoryAdapter();
const SHARED = { ...capabilities, sharedAcrossNodes: true, survivesRestart: true };

// Fake timers, so that the tests of an adapter that hangs time out at once.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] });
});
afterEach(() => {
  vi.useRealTimers();
  for (const timer of abandoned.splice(0)) clearInterval(timer);
});

async function withoutWaiting<Result>(work: Promise<Result>): Promise<Result> {
  let isDone = false;
  const done = work.finally(() => {
    isDone = true;
  });
  while (!isDone) {
    await vi.advanceTimersByTimeAsync(5);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return done;
}

function collect(
  create: () => StashAdapter,
  options: Partial<AdapterUnderTest> = {},
): CollectingRunner {
  const runner = new CollectingRunner();
  adapterContract(runner, { name: "the adapter", capabilities, create, ...options });
  return runner;
}

function failures(runner: CollectingRunner): Promise<readonly string[]> {
  return withoutWaiting(runner.failures());
}

const memories = Object.entries<BrokenMemory>(BROKEN_MEMORIES);
const nodes = Object.entries<BrokenNodes>(BROKEN_NODES);
const services = Object.entries<BrokenService>(BROKEN_SERVICES);

const keepsContract = (name: string): boolean => /^keeps? the contract$/.test(name);

describe("an adapter that keeps the contract", () => {
  test("passes with a clock of its own and with the system's clock", async () => {
    const clock = createManualClock();
    const own = collect(() => createMemoryAdapter({ clock }), { clock });
    expect(await failures(own)).toEqual([]);
    expect(own.tests.length).toBeGreaterThan(45);
    expect(await failures(collect(() => createMemoryAdapter()))).toEqual([]);
  });

  test("passes if its stashes are shared across nodes and survive a restart", async () => {
    const clock = createManualClock();
    const open = BROKEN_NODES["keep the contract"](clock);
    expect(await failures(collect(open, { clock, capabilities: SHARED }))).toEqual([]);
  });

  test("passes with a service that is unreachable and returns", async () => {
    const [clock, line] = [createManualClock(), new Line()];
    const create = (): StashAdapter => BROKEN_SERVICES["keeps the contract"](line, clock);
    const runner = collect(create, { clock, service: line });
    expect(runner.tests.filter(({ name }) => name.includes("cut off"))).toHaveLength(3);
    expect(await failures(runner)).toEqual([]);
  });
});

describe("the suite fails exactly the expected tests for an adapter that", () => {
  test.each(memories)("%s", async (defect, create) => {
    const clock = createManualClock();
    const failed = await failures(collect(() => create(clock), { clock }));
    expect(failed).toEqual(EXPECTED_FAILURES[defect]);
  });

  test.each(services.filter(([defect]) => !keepsContract(defect)))("%s", async (defect, create) => {
    const [clock, line] = [createManualClock(), new Line()];
    const failed = await failures(collect(() => create(line, clock), { clock, service: line }));
    expect(failed).toEqual(EXPECTED_FAILURES[defect]);
  });

  test.each(nodes.filter(([defect]) => !keepsContract(defect)))(
    "has nodes that %s",
    async (defect, createNodes) => {
      const clock = createManualClock();
      const runner = collect(createNodes(clock), { clock, capabilities: SHARED });
      expect(await failures(runner)).toEqual(EXPECTED_FAILURES[defect]);
    },
  );

  test.each([
    ["expires a second late", "a stash is present before its deadline and absent at its deadline"],
    [
      "expires at whole seconds",
      "a stash is present before its deadline and absent at its deadline",
    ],
    ["keeps deadlines in 32 bits", "a deadline more than 2^31 ms away is kept exactly"],
  ] as const)("%s, with the system's clock", async (defect, name) => {
    const create = (): StashAdapter => BROKEN_MEMORIES[defect]({ now: () => Date.now() });
    expect(await failures(collect(create))).toContain(`deadlines: ${name}`);
  });
});

test("each test of the suite fails for some broken adapter, on one node or on two", () => {
  const onAnyNodes = (name: string): string => name.replace(/(one node|two nodes)/, "nodes");
  const failed = new Set(Object.values(EXPECTED_FAILURES).flat().map(onAnyNodes));
  const line = { service: new Line(), capabilities: SHARED };
  const { tests } = collect(() => createMemoryAdapter(), line);
  expect(tests.length).toBeGreaterThan(60);
  const neverFailed = tests.map(({ name }) => onAnyNodes(name)).filter((name) => !failed.has(name));
  expect(neverFailed).toEqual([]);
});

describe("a test that does not apply to an adapter", () => {
  test("is skipped because of its capabilities only, with the reason in its name", () => {
    const { skipped, tests } = collect(() => createMemoryAdapter());
    expect(skipped.length).toBeGreaterThan(15);
    for (const name of skipped) expect(name).toMatch(/ \(skipped: .*\w+.*\)$/);
    const capable = collect(() => createMemoryAdapter(), {
      capabilities: { ...capabilities, sharedAcrossNodes: true, survivesRestart: true },
      service: new Line(),
    });
    expect(capable.skipped).toEqual([]);
    expect(capable.tests.length).toBe(tests.length + skipped.length + 2);
  });

  test("is skipped for an adapter whose browsers hold the state, and all others run", () => {
    const { tests, skipped } = collect(() => createMemoryAdapter(), {
      capabilities: {
        sharedAcrossNodes: true,
        survivesRestart: true,
        browserHolds: "state",
        needsKeepAlive: true,
        maxBytes: 1_000,
      },
    });
    expect(tests.map(({ name }) => name)).toContain(
      "restarts and other nodes: a stash and its owner are known after a restart",
    );
    expect(tests.some(({ name }) => /^(ownership|races|deadlines)/.test(name))).toBe(false);
    expect(skipped.join()).toContain("the browser holds the state itself");
  });
});

test("the suite accepts the runners of vitest and node:test as they are", () => {
  expectTypeOf({ describe: vitest.describe, it: vitest.it }).toExtend<TestRunner>();
  expectTypeOf({ describe: nodeTest.describe, it: nodeTest.it }).toExtend<TestRunner>();
});
