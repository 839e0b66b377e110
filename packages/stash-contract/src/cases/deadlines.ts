import { deepEqual, equal, ok } from "node:assert/strict";
import type { AdapterNode } from "../adapter-node.ts";
import { assertAbsent, assertLoaded, newId, OTHER, SAMPLE } from "../samples.ts";
import {
  type ContractCase,
  type ContractGroup,
  unlessEndless,
  unlessStored,
} from "../contract-case.ts";
import { wait } from "../wait.ts";

type SetDeadline = (node: AdapterNode, id: string, expiresAtMs: number) => Promise<unknown>;

/** The calls that set a deadline, and their answers, even if the deadline has passed. */
const SETTERS: readonly (readonly [string, SetDeadline, string])[] = [
  [
    "save",
    async (node, id, ms) => (await node.save(id, "one", { expiresAtMs: ms })).status,
    "saved",
  ],
  [
    "load",
    async (node, id, ms) => (await node.load(id, "one", { expiresAtMs: ms })).status,
    "loaded",
  ],
  ["keep-alive", (node, id, ms) => node.keepAlive(id, "one", ms), "kept"],
];

async function assertGone(node: AdapterNode, id: string): Promise<void> {
  assertAbsent(await node.load(id, "one"));
  equal(await node.keepAlive(id, "one"), "absent");
}

/** `setTimeout` overflows above 31 bits; some stores overflow above 32. */
const FAR_AWAY_MS = [2 ** 31 - 1, 2 ** 31, 2 ** 31 + 5, 2 ** 32 + 5, 2 ** 41];

export const deadlines: ContractGroup = {
  name: "deadlines",
  skipReason: unlessStored,
  cases: [
    {
      name: "a stash is present before its deadline and absent at its deadline",
      async run(bench) {
        const [node, id] = [await bench.open(), newId()];
        const expiresAtMs = bench.nearMs;
        await node.create(id, "one", { expiresAtMs });
        const isThere = async (): Promise<boolean> =>
          (await node.load(id, "one", { expiresAtMs })).status === "loaded";
        ok(
          await bench.watchUntil(expiresAtMs, isThere),
          "expected the stash to be present before its deadline",
        );
        await bench.reach(expiresAtMs);
        await assertGone(node, id);
      },
    },
    {
      name: "an expired stash is absent for every call",
      async run(bench) {
        const node = await bench.open();
        const ids = [newId(), newId(), newId(), newId()] as const;
        const expiresAtMs = bench.nearMs;
        for (const id of ids) await node.create(id, "one", { expiresAtMs });
        await bench.reach(expiresAtMs);
        deepEqual(await node.save(ids[0], "one"), { status: "absent" });
        assertAbsent(await node.load(ids[1], "one"));
        equal(await node.keepAlive(ids[2], "one"), "absent");
        equal(await node.forget(ids[3], "one"), "absent");
        for (const id of ids) await assertGone(node, id);
      },
    },
    {
      name: "a stash created with a deadline that has passed, or is now, is absent",
      async run(bench) {
        const node = await bench.open();
        const nowMs = bench.nowMs;
        const [past, now] = [newId(), newId()];
        equal((await node.create(past, "one", { expiresAtMs: nowMs - 1_000 })).status, "saved");
        equal((await node.create(now, "one", { expiresAtMs: nowMs })).status, "saved");
        await bench.reach(nowMs);
        await assertGone(node, past);
        await assertGone(node, now);
      },
    },
    ...SETTERS.flatMap(([name, set, answer]): ContractCase[] => [
      {
        name: `a ${name} extends the deadline`,
        async run(bench) {
          const [node, id] = [await bench.open(), newId()];
          const nearMs = bench.nearMs;
          await node.create(id, "one", { expiresAtMs: nearMs });
          equal(await set(node, id, bench.farMs), answer);
          await bench.reach(nearMs);
          assertLoaded(await node.load(id, "one"), SAMPLE);
        },
      },
      {
        name: `a ${name} brings the deadline forward, even into the past`,
        async run(bench) {
          const [node, id, past] = [await bench.open(), newId(), newId()];
          await node.create(id, "one");
          await node.create(past, "one");
          const nearMs = bench.nearMs;
          equal(await set(node, id, nearMs), answer);
          equal(await set(node, past, bench.nowMs - 1_000), answer);
          await assertGone(node, past);
          await bench.reach(nearMs);
          await assertGone(node, id);
        },
      },
    ]),
    {
      name: "a deadline more than 2^31 ms away is kept exactly",
      async run(bench) {
        const node = await bench.open();
        const nowMs = bench.nowMs;
        const stashes = FAR_AWAY_MS.map((awayMs) => ({ id: newId(), expiresAtMs: nowMs + awayMs }));
        for (const { id, expiresAtMs } of stashes) await node.create(id, "one", { expiresAtMs });
        const isThere = async (id: string, expiresAtMs: number): Promise<boolean> =>
          (await node.load(id, "one", { expiresAtMs })).status === "loaded";
        // A timer that overflows fires at once: give it time to do so.
        await wait(20);
        for (const { id, expiresAtMs } of stashes) {
          if (bench.subject.clock !== undefined) await bench.reach(expiresAtMs - 1);
          ok(
            await isThere(id, expiresAtMs),
            `expected the stash to be present, with its deadline ${expiresAtMs - nowMs} ms away`,
          );
          if (bench.subject.clock === undefined) continue;
          await bench.reach(expiresAtMs);
          await assertGone(node, id);
        }
      },
    },
    {
      name: "a stash with the deadline Infinity does not expire until it gets another deadline",
      skipReason: unlessEndless,
      async run(bench) {
        const [node, id] = [await bench.open(), newId()];
        await node.create(id, "one", { expiresAtMs: Infinity });
        await bench.reach(bench.nearMs);
        equal(await node.keepAlive(id, "one", Infinity), "kept");
        equal(
          (await node.save(id, "one", { record: OTHER, expiresAtMs: Infinity })).status,
          "saved",
        );
        assertLoaded(await node.load(id, "two", { expiresAtMs: Infinity }), OTHER);
        const nearMs = bench.nearMs;
        equal(await node.keepAlive(id, "two", nearMs), "kept");
        await bench.reach(nearMs);
        equal(await node.keepAlive(id, "two", Infinity), "absent");
      },
    },
  ],
};
