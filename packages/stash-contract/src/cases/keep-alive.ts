import { deepEqual, equal } from "node:assert/strict";
import type { KeepAliveOutcome, KeepAliveRequest } from "live-stash/adapter";
import { assertAbsent, assertLoaded } from "../assert-loaded.ts";
import type { ContractGroup } from "../contract-case.ts";
import { newId, SAMPLE } from "../samples.ts";
import { unlessStored } from "../skip-reasons.ts";

const MANY = 300;

export const keepAlive: ContractGroup = {
  name: "keep-alive of many at once",
  cases: [
    {
      name: "of none answers with none",
      async run(bench) {
        deepEqual(await (await bench.open()).keepAllAlive([]), []);
      },
    },
    {
      name: "answers each one in order: one's own, others' and absent ones",
      skipReason: unlessStored,
      async run(bench) {
        const node = await bench.open();
        const expiresAtMs = bench.farMs;
        const requests: KeepAliveRequest[] = [];
        const expected: KeepAliveOutcome[] = [];
        const creations: Promise<unknown>[] = [];
        for (let index = 0; index < MANY; index += 1) {
          const id = newId();
          // No period that a batch size could hide.
          const kind = (["kept", "kept", "not_owner", "absent", "kept"] as const)[(index * 7) % 5];
          const outcome = kind ?? "kept";
          if (outcome !== "absent") {
            creations.push(node.create(id, outcome === "kept" ? "one" : "two"));
          }
          requests.push({ id, owner: "one", expiresAtMs });
          expected.push(outcome);
        }
        await Promise.all(creations);
        deepEqual(await node.keepAllAlive(requests), expected);
        deepEqual(await node.keepAllAlive(requests.toReversed()), expected.toReversed());
      },
    },
    {
      name: "takes each one's own owner and deadline",
      skipReason: unlessStored,
      async run(bench) {
        const node = await bench.open();
        const [early, late, foreign] = [newId(), newId(), newId()];
        await node.create(early, "one");
        await node.create(late, "two");
        await node.create(foreign, "three");
        const nearMs = bench.nearMs;
        const outcomes = await node.keepAllAlive([
          { id: foreign, owner: "one", expiresAtMs: nearMs },
          { id: early, owner: "one", expiresAtMs: nearMs },
          { id: late, owner: "two", expiresAtMs: bench.farMs },
        ]);
        deepEqual(outcomes, ["not_owner", "kept", "kept"]);
        await bench.reach(nearMs);
        assertAbsent(await node.load(early, "one"));
        assertLoaded(await node.load(late, "two"), SAMPLE);
        equal(await node.keepAlive(foreign, "three"), "kept");
      },
    },
    {
      name: "changes neither record nor owner",
      async run(bench) {
        const [node, id] = [await bench.open(), newId()];
        await node.create(id, "one");
        equal(await node.keepAlive(id, "one"), "kept");
        equal((await node.save(id, "one")).status, "saved");
        equal(await node.keepAlive(id, "one"), "kept");
        assertLoaded(await node.load(id, "one"), SAMPLE);
      },
    },
  ],
};
