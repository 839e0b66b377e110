import { deepEqual, equal } from "node:assert/strict";
import type { KeepAliveOutcome, KeepAliveRequest } from "live-stash/adapter";
import { assertAbsent, assertLoaded, newId, SAMPLE } from "../samples.ts";
import { type ContractGroup, unlessStored } from "../contract-case.ts";

const MANY = 300;

export const keepAlive: ContractGroup = {
  name: "keep-alive of many stashes",
  cases: [
    {
      name: "a keep-alive of no stashes returns no outcomes",
      async run(bench) {
        deepEqual(await (await bench.open()).keepAllAlive([]), []);
      },
    },
    {
      name: "a keep-alive of owned, foreign and absent stashes returns the outcomes in the order of the requests",
      skipReason: unlessStored,
      async run(bench) {
        const node = await bench.open();
        const expiresAtMs = bench.farMs;
        const requests: KeepAliveRequest[] = [];
        const expected: KeepAliveOutcome[] = [];
        const creations: Promise<unknown>[] = [];
        for (let index = 0; index < MANY; index += 1) {
          const id = newId();
          // The outcomes repeat with a period that no batch size is likely to share.
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
      name: "a keep-alive uses the owner and the deadline of each request",
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
      name: "a keep-alive changes neither the record nor the owner",
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
