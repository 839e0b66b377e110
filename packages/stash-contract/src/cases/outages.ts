import { equal } from "node:assert/strict";
import type { AdapterNode } from "../adapter-node.ts";
import type { Outage, ServiceUnderTest } from "../adapter-under-test.ts";
import { activeResources, assertNothingRuns } from "../active-resources.ts";
import { assertLoaded, newId, OTHER, SAMPLE } from "../samples.ts";
import { assertRejects, AWAY, CLOSED, everyCall, forAll, settle } from "../calls.ts";
import { type ContractGroup, unlessStored } from "../contract-case.ts";
import { eventually } from "../wait.ts";

/** Reconnecting takes seconds, and longer after many failed attempts: clients back off. In ms. */
const WORKS_AGAIN_WITHIN_MS = 15_000;

/** Returns the rules for the time of an outage and after it. */
export function outages(service: ServiceUnderTest | undefined): readonly ContractGroup[] {
  if (service === undefined) return [noService];
  return service.outages.map((outage) => duringOutage(outage, service.answersWithinMs));
}

const noService: ContractGroup = {
  name: "while the service is away",
  skipReason: () => "the suite was called without a `service`",
  cases: [{ name: "every call rejects within the stated time", run: () => Promise.resolve() }],
};

async function away(outage: Outage, act: () => Promise<void>): Promise<void> {
  await outage.begin();
  try {
    await act();
  } finally {
    await outage.end();
  }
}

async function assertWorks(node: AdapterNode): Promise<void> {
  await eventually(async () => {
    const id = newId();
    equal((await node.create(id, "one")).status, "saved");
    assertLoaded(await node.load(id, "two"), SAMPLE);
  }, WORKS_AGAIN_WITHIN_MS);
}

function duringOutage(outage: Outage, withinMs: number): ContractGroup {
  return {
    name: `while the service is ${outage.name}`,
    cases: [
      {
        name: "every call rejects within the stated time, and works again after the outage",
        async run(bench) {
          const [node, id] = [await bench.open(), newId()];
          await node.create(id, "one");
          await away(outage, async () => {
            // The first calls find the service gone; the second ones may fail without trying.
            for (let round = 0; round < 2; round += 1) {
              await forAll(everyCall(node, id), (name, call) =>
                assertRejects(name, call, AWAY, withinMs),
              );
            }
          });
          await assertWorks(node);
        },
      },
      {
        name: "a save in progress takes effect before the next owner's load, or never",
        skipReason: unlessStored,
        async run(bench) {
          const [node, id] = [await bench.open(), newId()];
          await node.create(id, "one");
          await away(outage, async () => {
            const save = node.save(id, "one", { record: OTHER });
            await assertRejects("save", save, AWAY, withinMs);
          });
          await assertWorks(node);
          const loaded = await node.load(id, "two");
          await assertWorks(node);
          // The service may have lost its data in the outage.
          if (loaded.status === "loaded") assertLoaded(await node.load(id, "two"), loaded.record);
          else equal(await node.keepAlive(id, "two"), "absent");
        },
      },
      {
        name: "the adapter closes within the stated time and leaves no handle open",
        async run(bench) {
          const before = activeResources();
          const [node, id] = [await bench.open(), newId()];
          await node.create(id, "one");
          await away(outage, async () => {
            const calls = everyCall(node, id);
            const all = { ...calls, close: node.close() };
            await forAll(all, (name, call) => settle(name, call, withinMs));
            await assertRejects("load", node.load(id, "one"), CLOSED, withinMs);
            await assertNothingRuns(before);
          });
        },
      },
    ],
  };
}
