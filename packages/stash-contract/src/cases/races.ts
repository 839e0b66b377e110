import { deepEqual, equal, ok } from "node:assert/strict";
import type { AdapterNode } from "../adapter-node.ts";
import { assertLoaded, newId, OTHER, sameBytes, SAMPLE, sampleRecord } from "../samples.ts";
import {
  type ContractCase,
  type ContractGroup,
  either,
  unlessFoundByAllCalls,
  unlessShared,
  unlessStored,
} from "../contract-case.ts";
import { openNodes, type Placement } from "../workbench.ts";

/** The rounds of each race, because chance decides which of two calls comes first. */
const ROUNDS = 20;

export function races(placement: Placement): ContractGroup {
  const rounds = (
    name: string,
    race: (first: AdapterNode, second: AdapterNode, id: string) => Promise<void>,
  ): ContractCase => ({
    name,
    async run(bench) {
      const { first, second } = await openNodes(bench, placement);
      for (let round = 0; round < ROUNDS; round += 1) {
        // Each node is called first in half of the rounds.
        if (round % 2 === 0) await race(first, second, newId());
        else await race(second, first, newId());
      }
    },
  });

  return {
    name: `races, views on ${placement}`,
    skipReason: placement === "one node" ? unlessStored : either(unlessStored, unlessShared),
    cases: [
      {
        ...rounds(
          "when two views create a stash at the same time, exactly one of them succeeds",
          async (first, second, id) => {
            const [one, two] = await Promise.all([
              first.create(id, "one", { record: SAMPLE }),
              second.create(id, "two", { record: OTHER }),
            ]);
            deepEqual([one.status, two.status].sort(), ["not_owner", "saved"]);
            const [winner, record] = one.status === "saved" ? ["one", SAMPLE] : ["two", OTHER];
            equal(await second.keepAlive(id, winner), "kept");
            assertLoaded(await first.load(id, winner), record);
          },
        ),
        skipReason: unlessFoundByAllCalls(placement),
      },
      rounds(
        "when two views load a stash at the same time, exactly one of them owns it afterwards",
        async (first, second, id) => {
          await first.create(id, "zero");
          const loaded = await Promise.all([first.load(id, "one"), second.load(id, "two")]);
          for (const outcome of loaded) assertLoaded(outcome, SAMPLE);
          const kept = [await first.keepAlive(id, "one"), await second.keepAlive(id, "two")];
          deepEqual(kept.sort(), ["kept", "not_owner"]);
          const saved = await Promise.all([first.save(id, "one"), second.save(id, "two")]);
          deepEqual(saved.map(({ status }) => status).sort(), ["not_owner", "saved"]);
        },
      ),
      rounds(
        "when an earlier and a later view load a stash at the same time, the later view owns it afterwards",
        async (first, second, id) => {
          const [earlier, later] = [first.atOrder(1), second.atOrder(2)];
          for (const [stash, isLaterFirst] of [[id, false] as const, [newId(), true] as const]) {
            await first.create(stash, "zero");
            const loads = [() => earlier.load(stash, "one"), () => later.load(stash, "two")];
            if (isLaterFirst) loads.reverse();
            const outcomes = await Promise.all(loads.map((load) => load()));
            if (isLaterFirst) outcomes.reverse();
            for (const [at, outcome] of outcomes.entries()) {
              if (at === 1 || outcome.status !== "superseded") assertLoaded(outcome, SAMPLE);
            }
            equal(await earlier.keepAlive(stash, "one"), "not_owner");
            equal(await later.keepAlive(stash, "two"), "kept");
          }
        },
      ),
      rounds(
        "a save and a load at the same time take effect one after the other",
        async (first, second, id) => {
          await first.create(id, "one");
          const [saved, loaded] = await Promise.all([
            first.save(id, "one", { record: OTHER }),
            second.load(id, "two"),
          ]);
          const expected = saved.status === "saved" ? OTHER : SAMPLE;
          if (saved.status !== "saved") deepEqual(saved, { status: "not_owner" });
          assertLoaded(loaded, expected);
          equal(await second.keepAlive(id, "two"), "kept");
          assertLoaded(await second.load(id, "two"), expected);
        },
      ),
      rounds(
        "a forget and a load at the same time take effect one after the other",
        async (first, second, id) => {
          await first.create(id, "one");
          const [forgotten, loaded] = await Promise.all([
            first.forget(id, "one"),
            second.load(id, "two"),
          ]);
          const [isGone, state] = [forgotten === "forgotten", loaded.status];
          deepEqual([forgotten, state], isGone ? ["forgotten", "absent"] : ["not_owner", "loaded"]);
          equal(await second.keepAlive(id, "two"), isGone ? "absent" : "kept");
        },
      ),
      {
        name: "a keep-alive at the same time as another view's load does not change the deadline of the load",
        async run(bench) {
          const { first, second } = await openNodes(bench, placement);
          const ids = Array.from({ length: ROUNDS }, newId);
          for (const id of ids) await first.create(id, "one");
          const nearMs = bench.nearMs;
          for (const id of ids) {
            await Promise.all([first.keepAlive(id, "one", nearMs), second.load(id, "two")]);
          }
          await bench.reach(nearMs);
          for (const id of ids) equal(await second.keepAlive(id, "two"), "kept");
        },
      },
      rounds(
        "two saves of one owner at the same time leave one of the two records, complete",
        async (first, _, id) => {
          const size = Math.min(50_000, first.adapter.capabilities.maxBytes);
          const both = [sampleRecord(size, 1), sampleRecord(size - 1, 2)];
          await first.create(id, "one");
          const saved = await Promise.all(both.map((record) => first.save(id, "one", { record })));
          for (const { status } of saved) equal(status, "saved");
          const loaded = await first.load(id, "one");
          ok(loaded.status === "loaded" && both.some((record) => sameBytes(loaded.record, record)));
        },
      ),
    ],
  };
}
