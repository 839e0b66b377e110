import assert from "node:assert/strict";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  createMemoryAdapter,
  liveStash,
  type MemoryAdapter,
  stash,
  type StashHook,
} from "live-stash";
import type { StashHost } from "live-stash/host";
import { type BenchRow, benchRow, formatRows } from "./bench-row.ts";
import { labMap } from "./lab-map.ts";
import { measureAgainst, settledMemoryBytes } from "./measure.ts";

interface Assigns {
  count: number;
  entries: Record<string, string>;
}

const MAP_JSON_BYTES = 5_121;
const STASHES = 20_000;
const SECRET = "a secret of the benchmark, not of an application";

interface BenchHost extends StashHost {
  assigns: Assigns;
}

function createHost(id: string, count: number): BenchHost {
  return {
    id,
    view: { name: "bench" },
    connected: true,
    connectParams: { _mounts: 0 },
    session: { id: "session" },
    assigns: { count, entries: labMap(count) },
    assign() {},
    pushEvent() {},
    waitUntil() {},
  };
}

function createHook(adapter: MemoryAdapter): StashHook<Assigns> {
  return liveStash<Assigns>({ storedKeys: ["count", "entries"], adapter, secret: SECRET });
}

/** Compares a stash of the changed map with a `structuredClone` of the map. */
async function measureStash(): Promise<readonly BenchRow[]> {
  const adapter = createMemoryAdapter();
  const host = createHost("bench", 1);
  createHook(adapter).onMount(host);
  const first = await stash(host);
  assert.equal(first.status, "saved");
  let count = 1;
  const prepare = (runs: number): Assigns[] =>
    Array.from({ length: runs }, () => {
      // Counts of one digit keep the size of the map constant.
      count = (count % 9) + 1;
      return { count, entries: labMap(count) };
    });
  const medians = await measureAgainst(
    {
      prepare,
      run: async (assigns) => {
        host.assigns = assigns;
        const result = await stash(host);
        if (result.status !== "saved") throw new Error(`Expected a save, found ${result.status}.`);
      },
    },
    { prepare, run: (assigns) => structuredClone(assigns.entries) },
    { samples: 101, runsPerSample: 50, warmUpSamples: 200 },
  );
  await adapter.close();
  return [
    benchRow("5 KB map stored", first.status === "saved" ? first.bytes : Number.NaN, "bytes", 450),
    benchRow("5 KB map stashed, changed", medians.subjectUs, "µs"),
    benchRow("control: structuredClone of the map", medians.controlUs, "µs"),
    benchRow("stash ÷ structuredClone", medians.ratio, "×", 3),
  ];
}

/** Measures the memory of the memory adapter per stash of the map, after the views have ended. */
async function measureMemory(): Promise<readonly BenchRow[]> {
  const warmUp = createMemoryAdapter();
  await fill(warmUp, 2_000);
  await warmUp.close();
  const adapter = createMemoryAdapter();
  const before = await settledMemoryBytes();
  await fill(adapter, STASHES);
  const after = await settledMemoryBytes();
  assert.equal(adapter.figures().entries, STASHES);
  const counted = adapter.figures().bytes / STASHES;
  await adapter.close();
  const name = `memory per stash at ${STASHES}`;
  return [
    benchRow(`${name}: RSS`, (after.rss - before.rss) / STASHES, "bytes", 1_024),
    benchRow(`${name}: JavaScript heap`, (after.heap - before.heap) / STASHES, "bytes"),
    benchRow(`${name}: off the heap`, (after.external - before.external) / STASHES, "bytes"),
    benchRow(`${name}: as counted against maxBytes`, counted, "bytes"),
  ];
}

/** Stashes the map for many pages, whose views then end. */
async function fill(adapter: MemoryAdapter, stashes: number): Promise<void> {
  const hook = createHook(adapter);
  for (let index = 0; index < stashes; index += 1) {
    const host = createHost(`page-${index}`, index);
    hook.onMount(host);
    await stash(host);
    await hook.onTerminate(host, "disconnected");
  }
}

/** Runs the benchmark of the stash. */
export async function run(): Promise<BenchRow[]> {
  assert.equal(JSON.stringify(labMap(1)).length, MAP_JSON_BYTES);
  setFlagsFromString("--expose-gc");
  globalThis.gc = runInNewContext("gc") as typeof globalThis.gc;
  return [...(await measureStash()), ...(await measureMemory())];
}

if (process.argv[1] === import.meta.filename) console.log(formatRows(await run()));
